import {
	closeSync,
	constants,
	fstatSync,
	openSync,
	readSync,
	type Stats,
} from "node:fs";
import { join } from "node:path";

/** Where a secret stands; its text never appears in an error or a status. */
export type Secret =
	| { from: "value"; value: string }
	| { from: "file"; path: string }
	| { from: "env"; name: string }
	/** systemd.exec(5) `LoadCredential=`: a file in $CREDENTIALS_DIRECTORY. */
	| { from: "credential"; name: string };

/** A secret's text, or a sentence about why there is none. */
export type SecretText = { value: string } | { error: string };

/** A file as it was opened: at most `MAX_SECRET` + 1 bytes of it. */
export interface SecretFile {
	isFile: boolean;
	/** As stat(2) has them; the permissions are the low bits. */
	mode: number;
	bytes: Buffer;
}

/** Opens a file; throws as node:fs does. */
export type ReadSecretFile = (path: string) => SecretFile;

export const MAX_SECRET = 4096;

/** Read, write or execute for others, as chmod(1) has them. */
const OTHERS = 0o007;

function readAll(fd: number, stats: Stats): Buffer {
	if (!stats.isFile()) return Buffer.alloc(0);
	const buffer = Buffer.alloc(MAX_SECRET + 1);
	let size = 0;
	for (let n = -1; n !== 0 && size < buffer.length; size += n)
		n = readSync(fd, buffer, size, buffer.length - size, null);
	return buffer.subarray(0, size);
}

/** Reads what it looked at, since a name may mean another file a moment later; a FIFO does not hold it up. */
const readFile: ReadSecretFile = (path) => {
	const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
	try {
		const stats = fstatSync(fd);
		const bytes = readAll(fd, stats);
		return { isFile: stats.isFile(), mode: stats.mode, bytes };
	} finally {
		closeSync(fd);
	}
};

/** Control characters would break out of a header or of a line of SMTP. */
function checked(text: string, where: string): SecretText {
	if (text === "")
		return { error: `${where} is empty: write the secret there` };
	return /\p{Cc}|\ufffd/u.test(text)
		? { error: `${where} is not one line of text` }
		: { value: text };
}

function fromFile(path: string, read: ReadSecretFile): SecretText {
	try {
		const { isFile, mode, bytes } = read(path);
		if (!isFile) return { error: `${path} is no regular file` };
		if ((mode & OTHERS) !== 0)
			return { error: `others may read ${path}: chmod o= ${path}` };
		if (bytes.length > MAX_SECRET)
			return { error: `${path} is larger than ${MAX_SECRET} bytes` };
		return checked(bytes.toString("utf8").replace(/\r?\n$/, ""), path);
	} catch (error) {
		const { code = "unreadable" } = error as NodeJS.ErrnoException;
		return { error: `can't read ${path}: ${code}` };
	}
}

/**
 * A secret's text: one line, at most 4 KiB. A file must be a regular one that others can't touch; a
 * newline at its end is dropped. An error names the file or the variable, never what is in it.
 */
export function readSecret(
	secret: Secret,
	env: Readonly<Record<string, string | undefined>> = process.env,
	read: ReadSecretFile = readFile,
): SecretText {
	switch (secret.from) {
		case "value":
			return checked(secret.value, "the secret");
		case "file":
			return fromFile(secret.path, read);
		case "env": {
			const where = `$${secret.name}`;
			const text = env[secret.name];
			return text === undefined
				? { error: `${where} is not set in tocsin's environment` }
				: checked(text, where);
		}
		case "credential": {
			const folder = env.CREDENTIALS_DIRECTORY;
			return folder === undefined
				? {
						error: `no credential '${secret.name}': $CREDENTIALS_DIRECTORY is not set; start it by systemd with LoadCredential=${secret.name}:FILE`,
					}
				: fromFile(join(folder, secret.name), read);
		}
	}
}
