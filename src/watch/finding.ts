import { EX_OK } from "../delivery/exit.ts";

/** One thing that was checked; `problem` says what would not work, and the exit code for it. */
export interface Finding {
	what: string;
	problem?: { code: number; why: string };
}

export const ok = (what: string): Finding => ({ what });
export const bad = (what: string, code: number, why: string): Finding => ({
	what,
	problem: { code, why },
});

/** Prints the findings; the exit code of the first problem. */
export function report(
	findings: readonly Finding[],
	write: (line: string) => void,
): number {
	for (const { what, problem } of findings)
		write(problem ? `NO  ${what}: ${problem.why}\n` : `ok  ${what}\n`);
	return findings.find(({ problem }) => problem)?.problem?.code ?? EX_OK;
}
