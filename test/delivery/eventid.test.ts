import t from "tap";
import { eventId } from "../../src/delivery/eventid.ts";

t.test("an id is a UUID of version 7: its time, then chance", async (t) => {
	// the example of RFC 9562, appendix A.6
	const id = eventId(0x017f22e279b0);
	t.match(id, /^017f22e2-79b0-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
	t.not(id, eventId(0x017f22e279b0));
	t.match(eventId(1.5), /^00000000-0001-7/);
});
