/** The owner lock by itself: never two owners, whatever lies in the folder and however many ask at once. */
import { once } from 'node:events';
import { readdir, rename } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { array, assert, asyncProperty, nat, scheduler } from 'fast-check';
import { takeOwnerLock, type OwnerLock } from '../../../store/embedded/owner-lock.ts';
import { cleanUp, describeOnUnix, temporaryFolder } from './harness.ts';

afterAll(cleanUp);

/** A socket file whose process is gone. */
async function leaveDeadSocket(folder: string, name: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(join(folder, 'x'), resolve));
  await rename(join(folder, 'x'), join(folder, name));
  await new Promise((resolve) => server.close(resolve));
}

/** Another start, which answers as it is told. A name that begins with `owner-g` sorts behind every real one. */
async function standIn(folder: string, name: string, answer: (socket: Socket) => void): Promise<{ asked: Promise<unknown>; close(): Promise<unknown> }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    answer(socket);
  });
  const asked = once(server, 'connection');
  await new Promise<void>((resolve) => server.listen(join(folder, name), resolve));
  const close = (): Promise<unknown> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return { asked, close };
}

const take = (folder: string): Promise<OwnerLock> => takeOwnerLock(folder, '/data');

describeOnUnix('the owner lock', () => {
  test('refuses while it is held and is free again after release, leaving nothing', async () => {
    const folder = await temporaryFolder();
    const first = await take(folder);
    await expect(take(folder)).rejects.toMatchObject({ code: 'data-folder-in-use', ownerPid: process.pid });
    await first.release();
    await first.release();
    const second = await take(folder);
    await second.release();
    expect(await readdir(folder)).toEqual([]);
  });

  test('takes the folder over from the dead, published or not, and clears their sockets', async () => {
    const folder = await temporaryFolder();
    await leaveDeadSocket(folder, 'owner-00000000-999999');
    await leaveDeadSocket(folder, 'owner-ffffffff-999998');
    await leaveDeadSocket(folder, 'claim-77777777-999997');
    const lock = await take(folder);
    expect(await readdir(folder)).toHaveLength(1);
    await lock.release();
  });

  test('an owner that is alive but does not answer keeps the folder', async () => {
    const folder = await temporaryFolder();
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(join(folder, 'owner-00000000-4711'), resolve));
    await expect(takeOwnerLock(folder, '/data', 50)).rejects.toMatchObject({ code: 'data-folder-in-use', ownerPid: 4711 });
    await new Promise((resolve) => {
      mute.close(resolve);
    });
  });

  test('gives way to a smaller candidate without waiting for it', async () => {
    const folder = await temporaryFolder();
    const other = await standIn(folder, 'owner-00000000-4711', (socket) => socket.write('candidate\n'));
    await expect(take(folder)).rejects.toMatchObject({ code: 'data-folder-in-use', ownerPid: 4711 });
    expect(await readdir(folder)).toEqual(['owner-00000000-4711']);
    await other.close();
  });

  test('waits for a greater candidate, and has the folder when that one gives way', async () => {
    const folder = await temporaryFolder();
    const greater = await standIn(folder, 'owner-g-4711', (socket) => socket.write('candidate\n'));
    const lock = take(folder);
    await greater.asked;
    await greater.close();
    await expect(lock).resolves.toBeDefined();
    await (await lock).release();
  });

  test('waits for a greater candidate, and has not the folder when that one turns out to be the owner', async () => {
    const folder = await temporaryFolder();
    let toContender: Socket | undefined;
    const greater = await standIn(folder, 'owner-g-4711', (socket) => {
      toContender = socket;
      socket.write('candidate\n');
    });
    const lock = take(folder);
    await greater.asked;
    // By the time the contender answers a question of ours it has heard that its rival is still a candidate.
    const name = (await readdir(folder)).find((entry) => entry.endsWith(`-${process.pid}`))!;
    const question = connect(join(folder, name));
    const [answer] = (await once(question, 'data')) as [Buffer];
    expect(answer.toString()).toBe('candidate\n');
    question.destroy();
    toContender!.write('owner\n');
    await expect(lock).rejects.toMatchObject({ code: 'data-folder-in-use', ownerPid: 4711 });
    await greater.close();
  });

  test('of any number of starts in any order exactly one has it', async () => {
    await assert(
      asyncProperty(array(nat({ max: 12 }), { minLength: 2, maxLength: 8 }), scheduler(), async (turns, order) => {
        const folder = await temporaryFolder();
        await leaveDeadSocket(folder, 'owner-88888888-999999');
        const begin = turns.map((turn) => order.schedule(Promise.resolve(turn)));
        const starts = begin.map((ready) => ready.then(() => take(folder)));
        await order.waitAll();
        const outcomes = await Promise.allSettled(starts);
        const owners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
        expect(owners).toHaveLength(1);
        for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'data-folder-in-use' });
        for (const owner of owners) await owner.value.release();
        expect(await readdir(folder)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});
