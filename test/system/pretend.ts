/**
 * pretend.ts COMMAND ARGS...: runs a super-server in a sandbox whose user namespace knows one ID only.
 * There the kernel refuses even root -> root, and some give up. Here the calls that change IDs
 * succeed and change nothing, which a seccomp filter can say without a line of C.
 */
import koffi from "koffi";

const CALLS: Record<string, readonly number[]> = {
	// setuid setgid setreuid setregid setgroups setresuid setresgid
	x64: [105, 106, 113, 114, 116, 117, 119],
	arm64: [146, 144, 145, 143, 159, 147, 149],
};
const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const SECCOMP_RET_ALLOW = 0x7fff0000;
const SECCOMP_RET_ERRNO = 0x00050000; // with errno 0, which is success
const BPF_LD_W_ABS = 0x20;
const BPF_JEQ_K = 0x15;
const BPF_RET_K = 0x06;

type Instruction = [
	code: number,
	jumpTrue: number,
	jumpFalse: number,
	k: number,
];

function filter(calls: readonly number[]): Instruction[] {
	return [
		[BPF_LD_W_ABS, 0, 0, 0],
		...calls.map(
			(call, i): Instruction => [BPF_JEQ_K, calls.length - i, 0, call],
		),
		[BPF_RET_K, 0, 0, SECCOMP_RET_ALLOW],
		[BPF_RET_K, 0, 0, SECCOMP_RET_ERRNO],
	];
}

function encode(instructions: readonly Instruction[]): Buffer {
	const bytes = Buffer.alloc(8 * instructions.length);
	instructions.forEach(([code, jumpTrue, jumpFalse, k], i) => {
		bytes.writeUInt16LE(code, 8 * i);
		bytes.writeUInt8(jumpTrue, 8 * i + 2);
		bytes.writeUInt8(jumpFalse, 8 * i + 3);
		bytes.writeUInt32LE(k, 8 * i + 4);
	});
	return bytes;
}

function install(program: Buffer): void {
	const libc = koffi.load("libc.so.6");
	koffi.struct("sock_fprog", { len: "uint16_t", filter: "void *" });
	const prctl = libc.func("int prctl(int, ulong, sock_fprog *)");
	const result = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {
		len: program.length / 8,
		filter: program,
	});
	if (result !== 0) throw new Error(`seccomp: error ${koffi.errno()}`);
}

const [command = "", ...args] = process.argv.slice(2);
install(encode(filter(CALLS[process.arch] ?? [])));
process.execve?.(command, [command, ...args], process.env);
