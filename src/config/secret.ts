/** Where a secret stands; its text never appears in an error or a status. */
export type Secret =
	| { from: "value"; value: string }
	| { from: "file"; path: string }
	| { from: "env"; name: string }
	/** systemd.exec(5) `LoadCredential=`: a file in $CREDENTIALS_DIRECTORY. */
	| { from: "credential"; name: string };
