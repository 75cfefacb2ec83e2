/** What a person sees who starts the server: what was logged meanwhile, and then, as the last thing, what to try. */
import { createDatabase } from '../support/house.ts';
import { startedProcess, type ServerProcess } from '../support/server-process.ts';

let database: Awaited<ReturnType<typeof createDatabase>>;
let server: ServerProcess;
beforeAll(async () => {
  database = await createDatabase();
  server = await startedProcess({ DATABASE_URL: database.url });
});
afterAll(async () => {
  await server.end('SIGTERM');
  await database.drop();
});

test('the lines of the log come before the greeting', () => {
  const output = server.output();
  expect(output).toContain('"msg":"listening on the loopback interface');
  expect(output.slice(output.indexOf('Priora is ready'))).not.toContain('"msg":"listening');
});
