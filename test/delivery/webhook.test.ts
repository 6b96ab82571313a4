import { readFileSync } from "node:fs";
import t from "tap";
import { webhookSink } from "../../src/delivery/webhook.ts";
import { PROBE, SCAN } from "../alert/samples.ts";
import { makeCertificate } from "../system/certificate.ts";
import { fake, timed } from "./servers.ts";
import { hookTo, web } from "./web.ts";
import { entryOf, worldOf } from "./world.ts";

const ENTRIES = [entryOf(SCAN)];
const SECRET = "/services/T0001/B0001/XyZzY12345";

t.test("one alert is its ECS object, several are a list", async (t) => {
	const { port, asked } = await web(t);
	const headers = { "X-Origin": "tocsin" };
	const token = { from: "value", value: "s3cret" } as const;
	const sink = webhookSink(
		hookTo(`http://127.0.0.1:${port}/in?a=1`, { headers, token }),
		worldOf(),
	);
	t.equal(await sink.deliver(ENTRIES), undefined);
	t.equal(
		await sink.deliver([entryOf(SCAN), entryOf(PROBE, "id-2")]),
		undefined,
	);
	t.equal(await sink.deliver([]), undefined);
	t.equal(await sink.close(), undefined);
	t.equal(asked.length, 2);
	const [one, two] = asked;
	t.match(one, { method: "POST", url: "/in?a=1" });
	t.match(one?.headers, {
		"content-type": "application/json",
		authorization: "Bearer s3cret",
		"x-origin": "tocsin",
		"user-agent": "tocsin",
	});
	t.match(JSON.parse(one?.body ?? ""), {
		event: { action: "scan", id: "id-1" },
		source: { ip: "192.0.2.7" },
		observer: { product: "tocsin", hostname: "guard" },
	});
	t.same(
		JSON.parse(two?.body ?? "").map((each: { event: object }) => each.event),
		[
			{
				kind: "alert",
				category: ["network", "intrusion_detection"],
				action: "scan",
				severity: 5,
				id: "id-1",
			},
			{
				kind: "alert",
				category: ["network", "intrusion_detection"],
				action: "probe",
				severity: 5,
				id: "id-2",
			},
		],
	);
});

t.test("methods; facts in the query of a URL", async (t) => {
	const { port, asked } = await web(t);
	const url = `http://127.0.0.1:${port}/{count}?from={source.ip}&what={message}`;
	for (const method of ["GET", "PUT"] as const)
		await webhookSink(hookTo(url, { method }), worldOf()).deliver([
			{ ...entryOf(SCAN), line: "a&b=c#d/../?{count}" },
		]);
	const [got, put] = asked;
	t.equal(got?.method, "GET");
	t.equal(got?.body, "");
	t.equal(got?.headers["content-type"], undefined);
	t.equal(
		got?.url,
		"/%7Bcount%7D?from=192.0.2.7&what=a%26b%3Dc%23d%2F..%2F%3F%7Bcount%7D",
	);
	t.equal(put?.method, "PUT");
	t.match(put?.body, /^\{"@timestamp"/);
});

t.test("only the expected status means that it was taken", async (t) => {
	const statuses = [204, 200, 500];
	const { port } = await web(t, (response) => {
		response.statusCode = statuses.shift() ?? 200;
		response.end(response.statusCode === 204 ? undefined : "well");
	});
	const url = `http://127.0.0.1:${port}${SECRET}`;
	const sink = webhookSink(hookTo(url, { status: [204] }), worldOf());
	t.equal(await sink.deliver(ENTRIES), undefined);
	t.equal(
		await sink.deliver(ENTRIES),
		`http://127.0.0.1:${port}: answered 200: well`,
	);
	t.equal(
		await webhookSink(hookTo(url), worldOf()).deliver(ENTRIES),
		`http://127.0.0.1:${port}: answered 500: well`,
	);
});

t.test(
	"no reason shows the URL or the token, though the server quotes them",
	async (t) => {
		const { port } = await web(t, (response, { url, headers }) => {
			response.statusCode = 404;
			response.end(
				`<h1>\x1b[31m${url}</h1>\r\n ${headers.authorization} ${headers["x-key"]} T0001\u00e9`,
			);
		});
		const token = { from: "value", value: "0123456789abcdef" } as const;
		const config = hookTo(`http://127.0.0.1:${port}${SECRET}`, {
			token,
			headers: { "X-Key": "Basic b3BzOnNlY3JldA==" },
		});
		t.equal(
			await webhookSink(config, worldOf()).deliver(ENTRIES),
			`http://127.0.0.1:${port}: answered 404: <h1>\\x1b[31m***</h1> Bearer *** *** T0001\\xc3\\x83\\xc2\\xa9`,
		);
	},
);

t.test("redirects are not followed", async (t) => {
	const other = await web(t);
	const { port } = await web(t, (response) => {
		response.writeHead(302, { Location: `http://127.0.0.1:${other.port}/` });
		response.end();
	});
	t.equal(
		await webhookSink(hookTo(`http://127.0.0.1:${port}/`), worldOf()).deliver(
			ENTRIES,
		),
		`http://127.0.0.1:${port}: answered 302; redirects are not followed: give the URL it leads to`,
	);
	t.same(other.asked, []);
});

t.test("a server that hangs, resets, refuses or never ends", async (t) => {
	const deaf = await fake(t);
	const reset = await fake(t, (socket) => {
		socket.on("data", () => socket.resetAndDestroy());
	});
	const babble = await fake(t, (socket) => {
		socket.on("data", () => socket.write("SSH-2.0-x\r\n"));
	});
	const gone = await fake(t);
	gone.server.close();
	const headless = await fake(t, (socket) => {
		const more = () => {
			while (!socket.destroyed && socket.write("X-A: 1\r\n".repeat(500)));
		};
		socket.write("HTTP/1.1 200 OK\r\n");
		socket.on("drain", more);
		more();
	});
	const quick = { timeout: 400 };
	for (const [{ port }, more, expected] of [
		[deaf, quick, "timed out after 0.4 s"],
		[reset, {}, "connection reset by peer"],
		[gone, {}, "connection refused"],
		[babble, {}, "that is no HTTP: Expected HTTP/, RTSP/ or ICE/"],
		[headless, {}, "that is no HTTP: Header overflow"],
	] as const) {
		const config = hookTo(`http://127.0.0.1:${port}/`, more);
		const sink = webhookSink(config, worldOf());
		const [ms, why] = await timed(sink.deliver(ENTRIES));
		t.equal(why, `http://127.0.0.1:${port}: ${expected}`);
		t.ok(ms < 5000, `${ms} ms`);
	}
});

t.test("the status counts, however long or slow the body is", async (t) => {
	for (const status of [200, 500]) {
		const endless = await web(t, (response) => {
			response.statusCode = status;
			const more = () => {
				while (!response.destroyed && response.write("x".repeat(65_536)));
			};
			response.on("drain", more);
			more();
		});
		const slow = await web(t, (response) => {
			response.writeHead(status);
			response.write("well");
		});
		const cut = await web(t, (response) => {
			response.writeHead(status, { "Content-Length": 100 });
			response.write("well");
			setTimeout(() => response.socket?.resetAndDestroy(), 50);
		});
		for (const { port } of [endless, slow, cut]) {
			const config = hookTo(`http://127.0.0.1:${port}/`, { timeout: 400 });
			const sink = webhookSink(config, worldOf());
			const [ms, why] = await timed(sink.deliver(ENTRIES));
			t.ok(ms < 5000, `${ms} ms`);
			if (status === 200) t.equal(why, undefined);
			else t.match(why, /answered 500: (well|x{117}\.\.\.)$/);
		}
	}
});

t.test("a server that asks for time gets it", async (t) => {
	const waits = [
		"7",
		"Sun, 22 Nov 2026 03:00:20 GMT",
		"999999999",
		"soon",
		"0",
	];
	const { port, asked } = await web(t, (response) => {
		response.writeHead(429, { "Retry-After": waits.shift() });
		response.end();
	});
	const world = worldOf();
	let now = world.now();
	const start = now;
	world.now = () => now;
	const where = `http://127.0.0.1:${port}`;
	const sink = webhookSink(hookTo(`${where}/`), world);
	const why = () => sink.deliver(ENTRIES);
	t.equal(await why(), `${where}: answered 429`);
	t.equal(await why(), `${where}: asked us to wait 7 s more`);
	now = start + 7000;
	t.equal(await why(), `${where}: answered 429`);
	t.equal(await why(), `${where}: asked us to wait 13 s more`);
	now = start + 20_000;
	t.equal(await why(), `${where}: answered 429`);
	t.equal(await why(), `${where}: asked us to wait 3600 s more`);
	now += 3_600_000;
	t.equal(await why(), `${where}: answered 429`);
	t.equal(await why(), `${where}: answered 429`);
	t.equal(asked.length, 5);
});

t.test("HTTPS: only a server that we trust", async (t) => {
	const { ca, cert, key } = await makeCertificate();
	const tls = { cert: readFileSync(cert), key: readFileSync(key) };
	const { port, asked } = await web(t, undefined, tls);
	const url = `https://localhost:${port}/`;
	t.equal(
		await webhookSink(hookTo(url), worldOf()).deliver(ENTRIES),
		`https://localhost:${port}: self-signed certificate`,
	);
	t.same(asked, []);
	const sink = webhookSink(hookTo(url, { ca }), worldOf());
	t.equal(await sink.deliver(ENTRIES), undefined);
	t.equal(asked.length, 1);
	const missing = webhookSink(hookTo(url, { ca: "/nonexistent" }), worldOf());
	t.equal(
		await missing.deliver(ENTRIES),
		`https://localhost:${port}: /nonexistent: no such file or directory`,
	);
});

t.test(
	"a secret that isn't there, or is no URL, is told without it",
	async (t) => {
		const lost = { from: "env", name: "KLAXON_NO_SUCH" } as const;
		t.equal(
			await webhookSink(hookTo("", { url: lost }), worldOf()).deliver(ENTRIES),
			"webhook hook: $KLAXON_NO_SUCH is not set in tocsin's environment",
		);
		for (const url of ["ftp://example.net/x", "hooks.example.net/x"])
			t.equal(
				await webhookSink(hookTo(url), worldOf()).deliver(ENTRIES),
				"webhook hook: bad URL: give it as https://HOST[:PORT]/PATH",
			);
		const token = { from: "value", value: "\u2603" } as const;
		t.equal(
			await webhookSink(
				hookTo("http://127.0.0.1:1/", { token }),
				worldOf(),
			).deliver(ENTRIES),
			'http://127.0.0.1:1: Invalid character in header content ["Authorization"]',
		);
	},
);
