/** RFC 5424 section 6.2.1, table 1, by the names logger(1) uses; numbers are positions. */
export const FACILITIES = [
	..."kern user mail daemon auth syslog lpr news uucp cron authpriv ftp".split(
		" ",
	),
	..."ntp security console clock local0 local1 local2 local3".split(" "),
	..."local4 local5 local6 local7".split(" "),
];

/** RFC 5424 section 6.2.1, table 2. */
export const LEVELS = "emerg alert crit err warning notice info debug".split(
	" ",
);

/** The PRI number of a facility and a level (RFC 5424 section 6.2.1). */
export function priority(facility: string, level: string): number {
	return FACILITIES.indexOf(facility) * 8 + LEVELS.indexOf(level);
}
