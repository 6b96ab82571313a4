import { mkdirSync, rmSync, statSync } from "node:fs";
import { must, peer, start, waitFor } from "./harness.ts";
import { root } from "./sandbox.ts";

/** A notification as dunst understood it. */
export interface Shown {
	app: string;
	summary: string;
	body: string;
	/** What is drawn: Pango markup. */
	formatted: string;
	urgency: string;
}

/** What a person's session has, as far as we need it. */
export interface Desktop {
	/** The environment of programs in the session. */
	env: Record<string, string>;
	/** All notifications so far. */
	shown(): Shown[];
	stop(): Promise<void>;
}

const FOLDER = "/run/user/desktop";
const DISPLAY = ":7";

const env = {
	DISPLAY,
	HOME: FOLDER,
	LC_ALL: "C",
	XDG_RUNTIME_DIR: FOLDER,
	DBUS_SESSION_BUS_ADDRESS: `unix:path=${FOLDER}/bus`,
};

const isSocket = (path: string) =>
	statSync(path, { throwIfNoEntry: false })?.isSocket();

/** The blocks that `dunst -print` writes; values stand in quotes, which it doesn't escape. */
function parse(output: string): Shown[] {
	const field = (block: string, name: string) =>
		new RegExp(`^\\t${name}: '?(.*?)'?$(?=\\n\\t\\w)`, "ms").exec(block)?.[1] ??
		"";
	return output
		.split(/^\{$/m)
		.slice(1)
		.filter((block) => /^\}$/m.test(block))
		.map((block) => ({
			app: field(block, "appname"),
			summary: field(block, "summary"),
			body: field(block, "body"),
			formatted: field(block, "formatted"),
			urgency: field(block, "urgency"),
		}));
}

/** A session bus and a real dunst, which draws on an X server that nobody looks at. */
export async function startDesktop(): Promise<Desktop> {
	mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
	mkdirSync("/tmp/.X11-unix", { recursive: true, mode: 0o1777 });
	rmSync(`${FOLDER}/bus`, { force: true });
	const bus = await start(
		peer("dbus-daemon"),
		[
			`--config-file=${root}/.peers/shared/usr/share/dbus-1/session.conf`,
			`--address=${env.DBUS_SESSION_BUS_ADDRESS}`,
			"--nofork",
		],
		() => isSocket(`${FOLDER}/bus`),
		{ env },
	);
	const screen = await start(
		peer("Xtightvnc"),
		[DISPLAY, "-geometry", "640x480", "-depth", "24", "-nolisten", "tcp"],
		() => isSocket(`/tmp/.X11-unix/X${DISPLAY.slice(1)}`),
		{ env },
	);
	const dunst = await start(
		peer("dunst"),
		["-print", "-conf", "/dev/zero"],
		async () => {
			const names = await must(
				peer("busctl"),
				["--user", "list", "--no-legend"],
				{ env },
			);
			return names.includes("org.freedesktop.Notifications");
		},
		{ env },
	);
	return {
		env,
		shown: () => parse(dunst.output()),
		async stop() {
			for (const each of [dunst, screen, bus]) await each.stop();
			await waitFor("the bus to end", () => true);
		},
	};
}
