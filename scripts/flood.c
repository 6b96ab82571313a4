/* Sends TCP SYNs as fast as told, past the kernel's own TCP. Only the bench compiles it.
 *
 *   flood INTERFACE DESTINATION-MAC DESTINATION-IP RATE SECONDS    random sources and ports
 *   flood INTERFACE DESTINATION-MAC DESTINATION-IP                 one for each line on standard
 *                                                                  input: "SOURCE-IP SOURCE-MAC-LAST-BYTE PORT"
 * Prints how many it sent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define SIZE 54

static uint32_t state = 2463534242u;

static uint32_t next(void) /* xorshift, Marsaglia 2003 */
{
	state ^= state << 13;
	state ^= state >> 17;
	return state ^= state << 5;
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void put16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

static uint16_t sum(const uint8_t *from, int length, uint32_t start)
{
	for (int i = 0; i < length; i += 2)
		start += from[i] << 8 | from[i + 1];
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return ~start;
}

static void address(uint8_t *frame, uint32_t source, uint8_t mac, uint16_t port)
{
	uint8_t *ip = frame + 14, *tcp = ip + 20;
	frame[11] = mac;
	put16(ip + 4, next());
	put32(ip + 12, source);
	put16(ip + 10, 0);
	put16(ip + 10, sum(ip, 20, 0));
	put16(tcp, 1024 + next() % 60000);
	put16(tcp + 2, port);
	put32(tcp + 4, next());
	put16(tcp + 16, 0);
	put16(tcp + 16, sum(tcp, 20, sum(ip + 12, 8, 6 + 20) ^ 0xffff));
}

static void prepare(uint8_t *frame, const uint8_t *mac, struct in_addr to)
{
	static const uint8_t head[] = { 0x08, 0x00, 0x45, 0, 0, 40, 0, 0, 0x40, 0, 60, 6 };
	memcpy(frame, mac, 6);
	memcpy(frame + 6, "\x02\0\0\0\0\x02", 6);
	memcpy(frame + 12, head, sizeof head);
	memcpy(frame + 30, &to, 4);
	frame[46] = 0x50;
	frame[47] = 0x02; /* SYN */
	put16(frame + 48, 8192);
}

static long flood(int fd, uint8_t frames[BATCH][SIZE], double rate, double seconds)
{
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec parts[BATCH];
	long sent = 0;
	double start = now();
	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ frames[i], SIZE };
		messages[i].msg_hdr.msg_iov = &parts[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (sent < rate * seconds) {
		for (int i = 0; i < BATCH; i++)
			address(frames[i], next() % 0xdfffffffu + 0x01000000u, 2, 80);
		int n = sendmmsg(fd, messages, BATCH, 0);
		if (n > 0)
			sent += n;
		while (now() - start < sent / rate)
			;
	}
	return sent;
}

static long single(int fd, uint8_t *frame)
{
	char source[64];
	unsigned mac, port;
	long sent = 0;
	while (scanf("%63s %u %u", source, &mac, &port) == 3) {
		struct in_addr from;
		inet_pton(AF_INET, source, &from);
		address(frame, ntohl(from.s_addr), mac, port);
		sent += send(fd, frame, SIZE, 0) == SIZE;
	}
	return sent;
}

int main(int argc, char **argv)
{
	static uint8_t frames[BATCH][SIZE];
	uint8_t mac[6];
	struct in_addr to;
	if (argc != 4 && argc != 6)
		return 64;
	int fd = socket(AF_PACKET, SOCK_RAW, 0), yes = 1;
	struct sockaddr_ll link = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(argv[1]) };
	sscanf(argv[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5);
	inet_pton(AF_INET, argv[3], &to);
	for (int i = 0; i < BATCH; i++)
		prepare(frames[i], mac, to);
	state ^= getpid() * 2654435761u; /* each sender's own sources */
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes);
	if (bind(fd, (struct sockaddr *)&link, sizeof link)) {
		perror(argv[1]);
		return 71;
	}
	printf("%ld\n", argc == 6 ? flood(fd, frames, atof(argv[4]), atof(argv[5])) : single(fd, frames[0]));
	return 0;
}
