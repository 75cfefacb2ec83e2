/** The server's own pages, and that it is a real server on a real socket. */
import { openHouse, send, type TestHouse } from '../support/house.ts';

let house: TestHouse;
beforeAll(async () => { house = await openHouse(); });
afterAll(async () => { await house.close(); });

test('a stranger\'s host name is not served (DNS rebinding)', async () => {
  const { request } = await import('node:http');
  const status = await new Promise<number>((resolve, reject) => {
    const { port } = new URL(house.origin);
    request({ host: '127.0.0.1', port, path: '/healthz', headers: { host: 'evil.example' } }, (response) => { response.resume(); resolve(response.statusCode ?? 0); }).on('error', reject).end();
  });
  expect(status).toBe(404);
});

test('unknown addresses answer an OperationOutcome', async () => {
  const answer = await send('GET', `${house.origin}/nowhere`);
  expect(answer.status).toBe(404);
  expect(answer.json).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] });
});

test('/healthz, /readyz and /metrics answer', async () => {
  expect((await send('GET', `${house.origin}/healthz`)).status).toBe(200);
  expect((await send('GET', `${house.origin}/readyz`)).status).toBe(200);
  const metrics = await send('GET', `${house.origin}/metrics`);
  expect(metrics.status).toBe(200);
  expect(metrics.text).toMatch(/^priora_ready 1$/m);
  expect(metrics.text).toMatch(/^priora_http_request_seconds_count\{method="GET",route="\/healthz",status="200"\} [1-9]/m);
});
