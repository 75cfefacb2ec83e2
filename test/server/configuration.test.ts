/** A bad value stops the start with one line that names the variable and never repeats the value. */
import { configurationReference, ConfigurationError, readConfiguration } from '../../server/configuration.ts';
import { isRunning, startProcess } from '../support/server-process.ts';

const secret = 'Zwetschge99';

test.each([
  ['PORT', secret], ['PORT', '-1'], ['PORT', '65536'], ['PORT', '80.5'], ['PORT', ' 80'], ['PORT', '0x50'],
  ['HOST', '0.0.0.0'], ['HOST', '::'], ['HOST', '192.168.0.1'], ['HOST', secret], ['HOST', '127.0.0.1.evil.example'], ['HOST', '127.0.0.1\n0.0.0.0'], ['HOST', 'localhost.evil.example'], ['HOST', '127.999.1.1'], ['HOST', '127.0.0.256'],
  ['DATABASE_URL', `mysql://user:${secret}@host/db`], ['DATABASE_URL', secret], ['DATABASE_URL', `postgres://user:${secret}@host:port/db`], ['DATABASE_URL', `postgres://us er:${secret}@[/db`],
  ['PRIORA_DEMO', 'yes'], ['PRIORA_DEMO', secret], ['PRIORA_LOG_LEVEL', secret], ['PRIORA_BODY_LIMIT', '1'], ['PRIORA_BODY_LIMIT', '10MB'], ['PRIORA_BUNDLE_LIMIT', '0'],
  ['PRIORA_OBJECTS', secret], ['PRIORA_OBJECTS', `s3://${secret}`], ['PRIORA_OBJECTS', 'gs://a'], ['PRIORA_OBJECTS', 's3://user:password@bucket/x'], ['PRIORA_BINARY_LIMIT', '1'], ['PRIORA_BINARY_LIMIT', '256MB'],
  ['PRIORA_ATTACHMENT_INLINE_LIMIT', '-1'], ['PRIORA_DATABASE_CONNECTIONS', '0'], ['PRIORA_DATABASE_CONNECTIONS', '1000'],
  ['PRIORA_BASE_URL', secret], ['PRIORA_BASE_URL', `ftp://${secret}/fhir`], ['PRIORA_BASE_URL', `http://user:${secret}@host/fhir`], ['PRIORA_BASE_URL', `http://host/fhir?${secret}`], ['PRIORA_BASE_URL', `javascript:${secret}`],
])('%s=%j', (name, value) => {
  let message = '';
  try {
    readConfiguration({ [name]: value });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    message = (error as Error).message;
  }
  expect(message).toMatch(new RegExp(`^${name}: \\S`));
  expect(message).not.toContain('\n');
  expect(message).not.toContain(secret);
  if (value.length > 3) expect(message).not.toContain(value);
});

test('several bad values are told together', () => {
  expect(() => readConfiguration({ PORT: 'x', HOST: 'y' })).toThrow(/^PORT: [^;]+; HOST: [^;]+$/);
});

test('good values, defaults, and an empty variable as none', () => {
  expect(readConfiguration({})).toMatchObject({ port: 8080, host: '127.0.0.1', dataDirectory: './data', demo: false, databaseUrl: undefined });
  expect(readConfiguration({ PORT: '', DATABASE_URL: '' })).toEqual(readConfiguration({}));
  for (const host of ['127.0.0.1', '127.8.9.1', '127.255.249.199', '::1', 'localhost']) expect(readConfiguration({ HOST: host }).host).toBe(host);
  for (const url of ['postgres://u:p@h/d', 'postgresql://h:5432/d?sslmode=require', 'postgres://u@localhost:5432/d?host=%2Frun%2Fpg']) expect(readConfiguration({ DATABASE_URL: url }).databaseUrl).toBe(url);
  expect(readConfiguration({ PRIORA_BASE_URL: 'https://plan.example/fhir/' }).baseUrl).toBe('https://plan.example/fhir');
  expect(configurationReference().map(({ name }) => name)).toEqual(expect.arrayContaining(['PORT', 'HOST', 'DATABASE_URL', 'PRIORA_DATA_DIR', 'PRIORA_DEMO']));
});

test('an object store in S3 needs a key and its secret, which are never told', () => {
  const address = 's3://bucket/prefix?region=eu-central-1';
  for (const environment of [{}, { AWS_ACCESS_KEY_ID: 'key' }, { AWS_SECRET_ACCESS_KEY: secret }]) {
    expect(() => readConfiguration({ PRIORA_OBJECTS: address, ...environment })).toThrow(/^AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: [^\n]*$/);
  }
  expect(readConfiguration({ PRIORA_OBJECTS: address, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: secret })).toMatchObject({ objects: address, objectCredentials: { accessKeyId: 'key', secretAccessKey: secret } });
  for (const objects of ['file:/var/lib/priora/objects', 'file:objects', 'gs://bucket', 'gs://bucket/some/folder?endpoint=http://127.0.0.1:9000']) expect(readConfiguration({ PRIORA_OBJECTS: objects }).objects).toBe(objects);
});

test.each<[name: string, environment: Record<string, string>]>([
  ['an address that is not of this machine', { HOST: '0.0.0.0' }],
  ['a folder of rule packs that is not there', { PRIORA_POLICIES_DIR: '/nonexistent' }],
  ['a folder of rule packs that is a file', { PRIORA_POLICIES_DIR: '/etc/passwd' }],
  ['a data folder where none can be made', { PRIORA_DATA_DIR: '/proc/priora-data', DATABASE_URL: '' }],
  ['a data folder that is a file', { PRIORA_DATA_DIR: '/etc/passwd', DATABASE_URL: '' }],
  ['a socket of a database that is not there', { DATABASE_URL: 'postgres://user@localhost/db?host=/nonexistent' }],
  ['a database that does not answer', { DATABASE_URL: `postgres://user:${secret}@127.0.0.1:1/db` }],
  ['a database address that cannot be read', { DATABASE_URL: `postgres://user:${secret}@host:port/db` }],
  ['a password that is wrong', { DATABASE_URL: withPassword(process.env['PRIORA_TEST_TEMPLATE_URL'] ?? 'postgres://localhost:1/', secret) }],
])('priora start with %s: one line, exit code 1', async (_name, environment) => {
  const started = await startProcess({ PRIORA_LOG_LEVEL: 'trace', ...environment });
  if (isRunning(started)) {
    await started.end('SIGKILL');
    throw new Error('it started');
  }
  const lines = started.output.split('\n').filter((line) => line !== '');
  const [message, ...more] = lines.filter((line) => line.startsWith('priora: '));
  expect(more).toEqual([]);
  expect(message).toMatch(new RegExp(`^priora: ${Object.keys(environment)[0]}: `));
  expect(started.output).not.toContain(secret);
  expect(started.output).not.toMatch(/^\s+at /m);
  expect(started.code).toBe(1);
});

/** The test database, asked for by a user that it does not have. */
function withPassword(url: string, password: string): string {
  return url.replace(/^postgres:\/\/[^/]*?(@|(?=localhost))/, `postgres://nobody-of-that-name:${password}@`);
}
