import type { Secret, SecretText } from "../config/secret.ts";
import type { Teller } from "./event.ts";

/** What a sink needs of the world beside the network. */
export interface World {
	teller: Teller;
	/** Asked once, when the sink is made: the process may be somebody else later. */
	secret(secret: Secret): SecretText;
	/** Tells of what is wrong though everything was taken: a recipient that was refused. */
	complain(text: string): void;
	/** ms since the epoch */
	now(): number;
}
