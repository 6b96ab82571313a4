/**
 * The socket between klaxon, tocsin and people: lines of JSON. The first says what the client wants:
 *
 *   {"alerts":[{"id":"...","alert":{...}}]}   hands over; answered by {"taken":N}, then more may follow
 *   {"status":true}                           answered by the status; then more may follow
 *   {"subscribe":"desktop"}                   answered by {"subscribed":"desktop"}, then by {"popup":{...}}
 *                                             for each as it comes; the client says nothing more
 *   {"popup":{...},"users":[...]}             shown to the subscribers; answered by {"told":N}
 *
 * What can't be done is answered by {"error":"..."}, and the connection is closed.
 */

/** Where it is by default (`socket` in the configuration): hier(7), made by systemd's RuntimeDirectory=. */
export const SOCKET = "/run/tocsin/tocsin.sock";

/** Bytes of a request, the newline not counted: a handful of the largest alerts, or 200 usual ones. */
export const MAX_REQUEST = 1 << 16;
/** Alerts in a request. */
export const MAX_ALERTS = 200;
/** ms for a request to come and its answer to be taken. */
export const REQUEST_MS = 5000;
