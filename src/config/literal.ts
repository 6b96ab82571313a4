import type { Secret } from "./secret.ts";
import type { Preset, SinkConfig } from "./sinktypes.ts";

/** Whoever has the URL may write there. */
const CHATS: readonly Preset[] = ["slack", "teams", "discord"];

/** Headers that let somebody in. */
const SECRET_HEADER = /auth|cookie|key|secret|token/i;

/** A secret that stands in the file itself, and what to write in its place. */
export interface Literal {
	/** Where, as `locate` takes it. */
	path: PropertyKey[];
	remedy: string;
}

function literalsOf(sink: SinkConfig): Literal[] {
	const found: Literal[] = [];
	const add = (key: string, secret: Secret | undefined) => {
		if (secret?.from === "value")
			found.push({ path: [key], remedy: `give '${key}_file'` });
	};
	if (sink.type === "mail" && sink.server.via === "smtp")
		add("password", sink.server.password);
	if (sink.type !== "webhook") return found;
	if (CHATS.includes(sink.preset)) add("url", sink.url);
	add("token", sink.token);
	for (const name of Object.keys(sink.headers))
		if (SECRET_HEADER.test(name))
			found.push({ path: ["headers", name], remedy: "give 'token_file'" });
	return found;
}

/** The secrets that stand in the file itself: none of them may be read by others. */
export const literalSecrets = (sinks: readonly SinkConfig[]): Literal[] =>
	sinks.flatMap((sink, i) =>
		literalsOf(sink).map(({ path, remedy }) => ({
			path: ["sink", i, ...path],
			remedy,
		})),
	);
