import { inner } from "../runtime/inner.ts";

/** Characters of an answer. */
const MAX_ANSWER = 4096;

/**
 * Says a line to what listens at a Unix socket and resolves to the line that answers it, within `ms`, or as often
 * that as `isPatient` says when they are over; to undefined when there is none, for whatever reason. By the
 * runtime's inner modules, for klaxons that live for some ms: to load node:net takes longer than all of this.
 * Undefined where there are no such modules.
 */
export function bareAsk(
	path: string,
	line: string,
	ms: number,
	isPatient: () => boolean = () => false,
): Promise<string | undefined> | undefined {
	const [pipes, streams] = [inner("pipe_wrap"), inner("stream_wrap")];
	if (!pipes || !streams) return undefined;
	const { streamBaseState, kReadBytesOrError, kArrayBufferOffset } = streams;
	const pipe = new pipes.Pipe(pipes.constants.SOCKET);
	const [connecting, writing] = [
		new pipes.PipeConnectWrap(),
		new streams.WriteWrap(),
	];
	return new Promise((resolve) => {
		let answer = "";
		let open = true;
		const done = (result?: string) => {
			if (!open) return;
			open = false;
			clearTimeout(timer);
			pipe.close();
			resolve(result);
		};
		let timer = setTimeout(tire, ms);
		function tire(): void {
			timer = setTimeout(tire, ms);
			// an answer that came while we had no turn is read first
			if (!isPatient()) setImmediate(() => setImmediate(done));
		}
		const demand = (status: number) => {
			if (status !== 0) done();
		};
		pipe.onread = (bytes) => {
			const count = streamBaseState[kReadBytesOrError] ?? 0;
			const from = streamBaseState[kArrayBufferOffset] ?? 0;
			if (bytes && count > 0)
				answer += Buffer.from(bytes, from, count).toString("latin1");
			const end = answer.indexOf("\n");
			if (end >= 0) done(answer.slice(0, end));
			else if (count < 0 || answer.length > MAX_ANSWER) done();
		};
		writing.oncomplete = demand;
		connecting.oncomplete = (status) => {
			demand(status);
			if (!open) return;
			demand(pipe.readStart());
			if (open) demand(pipe.writeUtf8String(writing, line));
		};
		demand(pipe.connect(connecting, path));
	});
}
