import type { PoisonAlert, RogueAlert } from "../alert/alert.ts";
import type { Agenda } from "./agenda.ts";
import { createBudget } from "./budget.ts";
import { REPEAT_LINES, REPEAT_WINDOW, REPEATS } from "./params.ts";

type Repeatable = PoisonAlert | RogueAlert;

/** One thing that goes on: an alert, then a count. */
interface Course {
	alert: Repeatable;
	count: number;
	first: number;
}

/** Alerts that are told once and then counted. */
export interface Repeats {
	/** Tells an alert, or counts it: `key` says what is the same. False when it was counted or found no room. */
	ring(key: string, alert: Repeatable): boolean;
	/** Tells what is counted and not yet told. */
	finish(now: number): void;
}

/**
 * One alert at once for each key, then one with the count per window, until a window brings none. What finds
 * no room or no line is counted together: who can forge addresses can forge a thousand servers.
 */
export function createRepeats(
	agenda: Agenda,
	emit: (alert: Repeatable) => void,
): Repeats {
	const courses = new Map<string, Course>();
	const { lines, all, macs } = REPEAT_LINES;
	const budget = createBudget({ lines, all, macs });
	/** For counts apart: what goes on must not keep what is new from being told. */
	const counts = createBudget({ lines, all, macs });
	/** Stands for all that found no room. */
	const CROWD = "";

	function tell(course: Course, now: number): void {
		const { alert, count, first } = course;
		const note =
			courses.get(CROWD) === course
				? { note: "and others like it, too many to tell singly" }
				: {};
		emit({
			...alert,
			time: now,
			fold: { count, first, last: alert.time },
			...note,
		});
		course.count = 0;
	}

	function review(key: string, now: number): void {
		const course = courses.get(key);
		if (!course) return;
		if (course.count === 0) courses.delete(key);
		else if (settle(key, course, now))
			agenda.at(now + REPEAT_WINDOW, (at) => review(key, at));
	}

	/** Tells what was counted; without a line for it the crowd takes it in. False then. */
	function settle(key: string, course: Course, now: number): boolean {
		const { alert, count, first } = course;
		if (key === CROWD || counts.take(macWord(alert.source.mac), now)) {
			tell(course, now);
			return true;
		}
		courses.delete(key);
		const crowd = courses.get(CROWD) ?? open(CROWD, alert);
		crowd.first = crowd.count === 0 ? first : Math.min(crowd.first, first);
		crowd.count += count;
		if (alert.time >= crowd.alert.time) crowd.alert = alert;
		return false;
	}

	function open(key: string, alert: Repeatable): Course {
		const course = { alert, count: 0, first: alert.time };
		courses.set(key, course);
		agenda.at(alert.time + REPEAT_WINDOW, (at) => review(key, at));
		return course;
	}

	function count(course: Course, alert: Repeatable): void {
		if (course.count === 0) course.first = alert.time;
		course.alert = alert;
		course.count++;
	}

	return {
		ring(key, alert) {
			const known = courses.get(key);
			if (known) {
				count(known, alert);
				return false;
			}
			const hasLine =
				courses.size < REPEATS &&
				budget.take(macWord(alert.source.mac), alert.time);
			if (!hasLine) {
				count(courses.get(CROWD) ?? open(CROWD, alert), alert);
				return false;
			}
			open(key, alert);
			emit(alert);
			return true;
		},
		finish(now) {
			for (const [key, course] of [...courses])
				if (key !== CROWD && course.count > 0) settle(key, course, now);
			const crowd = courses.get(CROWD);
			if (crowd && crowd.count > 0) tell(crowd, now);
			courses.clear();
		},
	};
}

/** The lower 32 bits of a MAC address, as the budgets count them. */
const macWord = (mac = ""): number =>
	Number.parseInt(mac.replaceAll(":", "").slice(-8), 16) | 0;
