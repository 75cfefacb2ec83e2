/** The listener over real sockets: who is let in, what is too much, and how it ends. What receives is the test's own. */
import { once } from 'node:events';
import { listen, type MllpListener, type Peer } from '../../../channels/mllp/listener.ts';
import type { Frame } from '../../../channels/mllp/frames.ts';
import type { MllpSettings } from '../../../channels/mllp/settings.ts';
import { createAuthority } from './certificates.ts';
import { framed, FS, openClient, VT, type MllpClient } from './client.ts';

const defaults: MllpSettings = {
  host: '127.0.0.1', port: 0, tls: undefined, connections: 10, concurrency: 4, queue: 4, messageLimit: 10_000, memory: 100_000, frameTimeout: 20_000, idleTimeout: 20_000, drainTimeout: 5000,
};

interface Stage {
  readonly listener: MllpListener;
  readonly endings: string[];
  /** Frames that are worked on now, in the order they began. */
  readonly open: { readonly text: string; finish(...answers: string[]): void; fail(): void }[];
  /** Resolves when so many frames are worked on. */
  readonly begun: (count: number) => Promise<void>;
  /** Resolves when so many connections have ended. */
  readonly ended: (count: number) => Promise<void>;
  readonly client: () => Promise<MllpClient>;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** @param answer undefined: the test finishes each frame itself */
async function stage(settings: Partial<MllpSettings> = {}, answer?: (text: string, peer: Peer) => readonly string[]): Promise<Stage> {
  const endings: string[] = [];
  const open: { text: string; finish(...answers: string[]): void; fail(): void }[] = [];
  const watchers = new Set<() => void>();
  const changed = (): void => { for (const watcher of watchers) watcher(); };
  const until = (condition: () => boolean): Promise<void> => new Promise((resolve) => {
    const watcher = (): void => {
      if (!condition()) return;
      watchers.delete(watcher);
      resolve();
    };
    watchers.add(watcher);
    watcher();
  });
  const receive = async function* (frame: Frame, peer: Peer): AsyncGenerator<Uint8Array> {
    const text = frame.kind === 'content' ? frame.bytes.toString() : 'oversized';
    if (answer) {
      for (const one of answer(text, peer)) yield Buffer.from(one);
      return;
    }
    const answers = await new Promise<string[]>((resolve, reject) => {
      open.push({ text, finish: (...texts) => { resolve(texts); }, fail: () => { reject(new Error('made to fail')); } });
      changed();
    });
    for (const one of answers) yield Buffer.from(one);
  };
  const listener = await listen({
    settings: { ...defaults, ...settings }, receive,
    observer: {
      opened: () => {},
      ended(ending) {
        endings.push(ending);
        changed();
      },
    },
  });
  cleanups.push(() => listener.stop());
  return {
    listener, endings, open, begun: (count) => until(() => open.length >= count), ended: (count) => until(() => endings.length >= count),
    async client() {
      const client = await openClient(listener.port);
      cleanups.push(() => { client.close(); });
      return client;
    },
  };
}

const echo = (text: string): readonly string[] => [`ack ${text}`];

describe('let go', () => {
  test('who speaks another protocol', async () => {
    const { client, endings, ended } = await stage({}, echo);
    const browser = await client();
    browser.write(`GET / HTTP/1.1\r\nHost: x\r\n\r\n${'x'.repeat(5000)}`);
    await browser.closed;
    await ended(1);
    expect(endings).toEqual(['noise']);
  });

  test('who begins a message and does not end it', async () => {
    const { client, endings, ended } = await stage({ frameTimeout: 50 }, echo);
    const slow = await client();
    slow.write(`${VT}MSH|`);
    await slow.closed;
    await ended(1);
    expect(endings).toEqual(['frame-timeout']);
  });

  test('pieces of a message do not lengthen its time', async () => {
    const { client, endings, ended } = await stage({ frameTimeout: 400 }, echo);
    const slow = await client();
    slow.write(VT);
    const drip = setInterval(() => { slow.write('x'); }, 5);
    await slow.closed;
    clearInterval(drip);
    await ended(1);
    expect(endings).toEqual(['frame-timeout']);
  });

  test('who says nothing, but not while an answer is made', async () => {
    const { client, open, begun, endings, ended } = await stage({ idleTimeout: 60 });
    const patient = await client();
    const silent = await client();
    const answer = patient.ask('one');
    await begun(1);
    await silent.closed;
    open[0]!.finish('done');
    expect(await answer).toBe('done');
    await patient.closed;
    await ended(2);
    expect(endings).toEqual(['idle', 'idle']);
  });

  test('who takes no answers', async () => {
    const { client, endings, ended } = await stage({ frameTimeout: 200, messageLimit: 10_000 }, () => ['x'.repeat(8 * 1024 * 1024)]);
    const deaf = await client();
    deaf.socket.pause();
    for (let count = 0; count < 8; count += 1) deaf.write(framed('one'));
    await ended(1);
    expect(endings).toEqual(['write-timeout']);
  });

  test('one connection more than allowed, and again one when another has ended', async () => {
    const { client, endings, ended } = await stage({ connections: 2 }, echo);
    const first = await client();
    await client();
    const third = await client();
    await third.closed;
    expect(endings).toEqual(['refused']);
    first.close();
    await ended(2);
    expect(await (await client()).ask('in')).toBe('ack in');
  });

  test('the connection by which unfinished messages take too much memory', async () => {
    const { client, endings, ended } = await stage({ memory: 40_000, messageLimit: 30_000 }, echo);
    const first = await client();
    const second = await client();
    first.write(`${VT}${'x'.repeat(25_000)}`);
    const asked = first.next();
    second.write(`${VT}${'x'.repeat(25_000)}`);
    await Promise.race([second.closed, first.closed]);
    await ended(1);
    expect(endings).toEqual(['memory']);
    first.write(`${FS}\r`);
    if (!second.socket.destroyed) second.write(`${FS}\r`);
    await Promise.race([asked.catch(() => 'first was let go'), second.next().catch(() => 'second was let go')]);
  });

  test('what a connection held is given back when it ends', async () => {
    const { client, endings, ended } = await stage({ memory: 40_000, messageLimit: 30_000 }, () => ['ok']);
    for (let turn = 1; turn <= 4; turn += 1) {
      const gone = await client();
      gone.write(`${VT}${'x'.repeat(25_000)}`);
      gone.socket.end();
      await ended(turn);
    }
    expect(endings).toEqual(['closed', 'closed', 'closed', 'closed']);
    const large = await client();
    large.write(`${VT}${'x'.repeat(10_000)}`);
    large.write(`${'x'.repeat(15_000)}${FS}\r`);
    expect(await large.next()).toBe('ok');
  });

  test('a connection whose message fails: without an answer the sender will send again', async () => {
    const { client, open, begun, endings, ended } = await stage();
    const sender = await client();
    sender.write(framed('one'));
    await begun(1);
    open[0]!.fail();
    await sender.closed;
    await ended(1);
    expect(endings).toEqual(['failed']);
  });
});

test('what is too large is answered, and the connection goes on', async () => {
  const { client } = await stage({ messageLimit: 100 }, echo);
  const sender = await client();
  expect(await sender.ask('x'.repeat(101))).toBe('ack oversized');
  expect(await sender.ask('small')).toBe('ack small');
});

test('answers come in the order of the messages, however these arrive', async () => {
  const { client } = await stage({}, (text) => [`ack ${text}`, `and ${text}`]);
  const sender = await client();
  const stream = Buffer.concat(['one', 'two', 'three'].map((text) => framed(text)));
  for (const byte of stream) sender.write(Buffer.of(byte));
  const answers = [];
  for (let count = 0; count < 6; count += 1) answers.push(await sender.next());
  expect(answers).toEqual(['ack one', 'and one', 'ack two', 'and two', 'ack three', 'and three']);
});

describe('held back', () => {
  test('messages of one connection are worked on one after another', async () => {
    const { client, open, begun } = await stage();
    const sender = await client();
    const other = await client();
    sender.write(framed('one'));
    await begun(1);
    sender.write(framed('two'));
    other.write(framed('other'));
    await begun(2);
    expect(open.map(({ text }) => text)).toEqual(['one', 'other']);
    open[0]!.finish('1');
    await begun(3);
    expect(await sender.next()).toBe('1');
    open[1]!.finish('other');
    open[2]!.finish('2');
    expect([await sender.next(), await other.next()]).toEqual(['2', 'other']);
  });

  test('no more are worked on at the same time than allowed, over all connections', async () => {
    const { client, open, begun } = await stage({ concurrency: 2 });
    const senders = [await client(), await client(), await client()];
    for (const [index, sender] of senders.entries()) sender.write(framed(String(index)));
    await begun(2);
    // The third has been read: its connection answers to nothing else, and yet nobody works on it.
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(open).toHaveLength(2);
    open[0]!.finish('done');
    await begun(3);
    open[1]!.finish('done');
    open[2]!.finish('done');
    expect(await Promise.all(senders.map((sender) => sender.next()))).toEqual(['done', 'done', 'done']);
  });

  test('a sender that does not wait for answers is not read from without end', async () => {
    const messages = 40;
    let finish: (() => void) | undefined;
    const first = new Promise<void>((resolve) => { finish = resolve; });
    const listener = await listen({
      settings: { ...defaults, queue: 2, messageLimit: 1_000_000, memory: 10_000_000 },
      async* receive(frame) {
        if (frame.kind === 'content' && frame.bytes.length > 100) await first;
        yield Buffer.from('ok');
      },
      observer: { opened: () => {}, ended: () => {} },
    });
    cleanups.push(() => listener.stop());
    const sender = await openClient(listener.port);
    const other = await openClient(listener.port);
    let isTaken = false;
    const taken = new Promise<void>((resolve) => {
      sender.socket.write(Buffer.concat(Array.from({ length: messages }, () => framed('x'.repeat(500_000)))), () => {
        isTaken = true;
        resolve();
      });
    });
    // Time enough to read all of it, were it read.
    for (let turn = 0; turn < 1000; turn += 1) expect(await other.ask('small')).toBe('ok');
    expect(isTaken).toBe(false);
    finish!();
    for (let count = 0; count < messages; count += 1) expect(await sender.next()).toBe('ok');
    await taken;
    sender.close();
    other.close();
  });
});

describe('ends', () => {
  test('a sender that closes its side is answered before the connection ends', async () => {
    const { client, open, begun, endings, ended } = await stage();
    const sender = await client();
    sender.write(framed('last'));
    sender.socket.end();
    const answer = sender.next();
    await begun(1);
    open[0]!.finish('answered');
    expect(await answer).toBe('answered');
    await sender.closed;
    await ended(1);
    expect(endings).toEqual(['closed']);
  });

  test('a server that stops answers what it has read, reads nothing more, and lets nobody in', async () => {
    const { client, open, begun, listener, endings } = await stage();
    const sender = await client();
    const idle = await client();
    sender.write(Buffer.concat([framed('one'), framed('two'), Buffer.from(`${VT}half of a`)]));
    await begun(1);
    const stopped = listener.stop();
    await idle.closed;
    sender.write(Buffer.concat([Buffer.from(`message${FS}\r`), framed('never')]));
    open[0]!.finish('first');
    await begun(2);
    open[1]!.finish('second');
    expect([await sender.next(), await sender.next()]).toEqual(['first', 'second']);
    await sender.closed;
    await stopped;
    expect(open.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(endings).toEqual(['stopping', 'stopping']);
    await expect(openClient(listener.port)).rejects.toThrow(/ECONNREFUSED/);
  });

  test('a server that stops does not wait for ever', async () => {
    const { client, begun, listener } = await stage({ drainTimeout: 50 });
    const sender = await client();
    sender.write(framed('one'));
    await begun(1);
    await listener.stop();
    await sender.closed;
    await expect(listener.stop()).resolves.toBeUndefined();
  });

  test('a sender that goes away in the middle takes nobody with it', async () => {
    const { client, open, begun, ended } = await stage();
    const gone = await client();
    gone.write(Buffer.concat([framed('one'), framed('two')]));
    await begun(1);
    gone.socket.resetAndDestroy();
    await ended(1);
    open[0]!.finish('to nobody');
    const other = await client();
    other.write(framed('three'));
    await begun(2);
    expect(open.map(({ text }) => text)).toEqual(['one', 'three']);
    open[1]!.finish('here');
    expect(await other.next()).toBe('here');
  });
});

describe('TLS', () => {
  const authority = createAuthority('Test authority');
  const server = authority.issue('priora');
  const tls = { certificate: server.certificate, key: server.key };
  const who = (_: string, { certificate }: Peer): readonly string[] => [certificate ?? 'nobody'];

  test('a certificate that cannot be read is told at the start', async () => {
    await expect(stage({ tls: { certificate: 'none', key: 'none' } })).rejects.toThrow(/PEM/);
  });

  test('who speaks without it is let go', async () => {
    const { client, ended, endings } = await stage({ tls }, who);
    const plain = await client();
    plain.write(framed('hello'));
    await plain.closed;
    await ended(1);
    expect(endings).toEqual(['tls']);
  });

  test('without a client certificate, or with another authority\'s, nobody gets in', async () => {
    const { listener, endings, ended } = await stage({ tls: { ...tls, clientAuthorities: authority.certificate } }, who);
    const stranger = createAuthority('Another authority').issue('EPIC');
    for (const certificate of [{}, { cert: stranger.certificate, key: stranger.key }]) {
      await expect(openClient(listener.port, { ca: authority.certificate, ...certificate }).then((client) => client.ask('hello'))).rejects.toThrow(/closed|alert|reset/i);
    }
    await ended(2);
    expect(endings).toEqual(['tls', 'tls']);
  });

  test('the common name of the client certificate is who sends', async () => {
    const { listener } = await stage({ tls: { ...tls, clientAuthorities: authority.certificate } }, who);
    const own = authority.issue('EPIC at GENERAL');
    const client = await openClient(listener.port, { ca: authority.certificate, cert: own.certificate, key: own.key });
    expect(await client.ask('hello')).toBe('EPIC at GENERAL');
    client.close();
    await once(client.socket, 'close');
  });

  test('a handshake that is not finished does not keep the server from stopping', async () => {
    const { client, listener } = await stage({ tls, drainTimeout: 50 }, who);
    const silent = await client();
    await listener.stop();
    await expect(silent.closed).resolves.toBeUndefined();
  });
});
