/** ms of CPU that this process has used: a time that doesn't grow while others have the processor. */
export function cpuTime(): number {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}
