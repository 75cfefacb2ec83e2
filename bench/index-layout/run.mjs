/**
 * The bake-off of search index layouts (docs/decisions/0002-search-index-layout.md).
 *
 *   node bench/index-layout/run.mjs --generator ../shared/bench/gen-data.mjs --patients 900 --out bench/index-layout/results/100k.json
 *
 * All layouts live in one PostgreSQL, a database each, and take turns in every measurement: chunk by chunk while loading,
 * then round by round. Reported are medians over the rounds with minimum and maximum. Results of every search are
 * compared between the layouts before anything is timed. `--prepared` times searches a second time, as named statements with
 * one generic plan each, `--together` loads all layouts at once, `--explain` keeps the plans in the results,
 * `--cluster FOLDER` joins the cluster of a run that is under way (stopped by a signal) instead of loading again.
 */
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as columns from './layouts/columns.mjs';
import { keysAndDate, keysAndTables } from './layouts/keys.mjs';
import * as narrow from './layouts/narrow-tables.mjs';
import { joinPostgres, startPostgres } from './postgres.mjs';
import { questions } from './questions.mjs';
import { patientRows, rowOf } from './resources.mjs';

const { values: o } = parseArgs({ options: {
  generator: { type: 'string' }, patients: { type: 'string', default: '900' }, seed: { type: 'string', default: '42' },
  seconds: { type: 'string', default: '0.8' }, rounds: { type: 'string', default: '3' }, out: { type: 'string' },
  layouts: { type: 'string', default: 'A,B,C,D' }, explain: { type: 'boolean', default: false }, chunk: { type: 'string', default: '5' },
  cluster: { type: 'string' }, connections: { type: 'string', default: '16' }, searches: { type: 'string' }, prepared: { type: 'boolean', default: false }, together: { type: 'boolean', default: false }, 'write-rounds': { type: 'string', default: '3' }, 'write-operations': { type: 'string', default: '1500' },
} });
const patients = Number(o.patients), seed = Number(o.seed), rounds = Number(o.rounds), writeRounds = Number(o['write-rounds']), seconds = Number(o.seconds);
const generator = await import(pathToFileURL(resolve(o.generator)));
const layouts = { A: narrow, B: keysAndTables, C: columns, D: keysAndDate };
const names = o.layouts.split(',');
const results = { patients, seed, rounds, seconds, machine: `${process.platform} node ${process.version}`, load: {}, size: {}, write: {}, search: {}, backendMilliseconds: {}, walBytes: {}, plans: {} };
const log = (text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
const now = () => performance.now();
const turn = (round) => names.map((_, n) => names[(n + round) % names.length]);
const round3 = (x) => Number(x.toPrecision(3));
const summary = (list) => {
  const sorted = list.toSorted((a, b) => a - b);
  return { median: round3(sorted[Math.floor(sorted.length / 2)]), min: round3(sorted[0]), max: round3(sorted.at(-1)) };
};
const note = (area, kind, name, connections, rate, cost) => {
  ((results[area][kind] ??= {})[`${name}@${connections}`] ??= []).push(rate);
  ((results.backendMilliseconds[kind] ??= {})[`${name}@${connections}`] ??= []).push(cost);
};
const noteWrite = (kind, name, connections, { rate, cost, wal }) => {
  note('write', kind, name, connections, rate, cost);
  ((results.walBytes[kind] ??= {})[`${name}@${connections}`] ??= []).push(wal);
};
const named = (statement) => ({ name: hash('sha1', statement.text, 'hex').slice(0, 20), ...statement });

const server = o.cluster === undefined ? await startPostgres() : joinPostgres(o.cluster);
const clients = {};
try {
  const admin = await server.connect('postgres');
  results.version = (await admin.query('show server_version')).rows[0].server_version;
  for (const name of names) {
    if (o.cluster === undefined) await admin.query(`create database "l_${name}"`);
    clients[name] = await Promise.all(Array.from({ length: Number(o.connections) }, () => server.connect(`l_${name}`)));
    if (o.cluster === undefined) await clients[name][0].query(layouts[name].schema);
  }
  await admin.end();
  if (o.cluster === undefined) await load();
  await maintain();
  const asked = questions(generator, seed, patients, lastChange());
  await compare(asked);
  for (let round = 0; round < rounds; round++) await searchRound(round, asked, false);
  await genericPlans();
  if (o.prepared) for (let round = 0; round < rounds; round++) await searchRound(round, asked, true);
  for (let round = 0; round < writeRounds; round++) await writeRound(round);
} catch (error) {
  console.error(error.message, error.position ?? '', error.where ?? '');
  process.exitCode = 1;
} finally {
  for (const list of Object.values(clients)) for (const client of list) await client.end();
  await server.stop();
}
if (process.exitCode === 1) process.exit();
const condensed = (tree) => (Array.isArray(tree) ? summary(tree) : Object.fromEntries(Object.entries(tree).map(([k, v]) => [k, condensed(v)])));
results.write = condensed(results.write);
results.search = condensed(results.search);
results.walBytes = condensed(results.walBytes);
results.backendMilliseconds = condensed(results.backendMilliseconds);
if (o.out) await writeFile(o.out, `${JSON.stringify(results, null, 1)}\n`);
else console.log(JSON.stringify(results, null, 1));

/** One generic plan for each named statement from the first use on; left alone the planner tries five custom ones. */
async function genericPlans() {
  for (const list of Object.values(clients)) for (const client of list) await client.query('set plan_cache_mode = force_generic_plan');
}
function chosenSearches() {
  const all = new Set(names.flatMap((n) => Object.keys(layouts[n].searches)));
  return o.searches === undefined ? all : o.searches.split(',').filter((search) => all.has(search));
}
function lastChange() { return Date.UTC(2026, 0, 1) + patients * 20_000; }

/**
 * Whole patients, some at a time, one statement and commit a chunk: each chunk into every layout in turn, or with
 * --together into all at once (sooner done; then only the backend time tells the layouts apart).
 */
async function load() {
  const spent = Object.fromEntries(names.map((n) => [n, 0])), step = Number(o.chunk);
  const before = Object.fromEntries(names.map((n) => [n, backendTime([clients[n][0]])]));
  let rows = 0, bytes = 0;
  for (let first = 0, round = 0; first < patients; first += step, round++) {
    const chunk = [];
    for (let i = first; i < Math.min(first + step, patients); i++) chunk.push(...patientRows(generator, seed, i).rows);
    rows += chunk.length;
    bytes += chunk.reduce((sum, r) => sum + r.content.length, 0);
    const insert = async (name) => {
      const statement = named(layouts[name].create(chunk)), t = now();
      await clients[name][0].query(statement);
      spent[name] += now() - t;
    };
    if (o.together) await Promise.all(names.map(insert));
    else for (const name of turn(round)) await insert(name);
    if (round % 100 === 99) log(`${rows} resources: ${names.map((n) => `${n} ${Math.round(rows / spent[n] * 1000)}/s`).join(', ')}`);
  }
  results.resources = rows;
  results.bytes = bytes;
  for (const name of names) {
    const backend = backendTime([clients[name][0]]) - before[name];
    results.load[name] = { ratePerSecond: o.together ? undefined : Math.round(rows / spent[name] * 1000), backendMilliseconds: Number((backend / rows).toPrecision(3)) };
  }
}

async function maintain() {
  for (const name of names) {
    const client = clients[name][0];
    await client.query('vacuum analyze');
    await layouts[name].readStatistics?.(client);
    const { rows } = await client.query("select c.relname, pg_table_size(c.oid)::float8 / 1048576 as table, pg_indexes_size(c.oid)::float8 / 1048576 as indexes from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace");
    const sum = (column) => Math.round(rows.reduce((s, r) => s + r[column], 0));
    results.size[name] = { tables: sum('table'), indexes: sum('indexes'), total: sum('table') + sum('indexes') };
  }
  log(`loaded ${JSON.stringify(results.load)} size ${JSON.stringify(results.size)}`);
}

/** Every layout must answer alike: the same ids, in the same order. */
async function compare(asked) {
  for (const search of chosenSearches()) {
    let found = 0;
    for (const p of asked.slice(0, 20)) {
      const answers = [];
      for (const name of names) {
        const query = layouts[name].searches[search]?.(p);
        if (query === undefined) continue;
        const { rows } = await clients[name][0].query(query);
        const ids = rows.map((r) => String(r.id));
        answers.push([name, search.includes('include') ? ids.toSorted().join() : ids.join()]);
        if (name === names[0]) found += rows.length;
      }
      for (const [name, answer] of answers) if (answer !== answers[0][1]) throw new Error(`${search}: ${name} answers differently from ${answers[0][0]} (${answer.length} against ${answers[0][1].length} characters)`);
    }
    log(`${search}: layouts agree, ${found / 20} rows on average`);
    if (found === 0) throw new Error(`${search} finds nothing`);
    if (o.explain) for (const name of names) {
      const query = layouts[name].searches[search]?.(asked[0]);
      if (query === undefined) continue;
      const { rows } = await clients[name][0].query({ ...query, text: `explain (analyze, buffers, timing off) ${query.text}` });
      (results.plans[search] ??= {})[name] = rows.map((r) => r['QUERY PLAN']);
    }
  }
}

/** Processor time of the backends behind these connections, ms: unlike a rate, it stays true while others use the machine. */
function backendTime(list) {
  return list.reduce((sum, client) => sum + Number(readFileSync(`/proc/${client.processID}/schedstat`, 'latin1').split(' ')[0]) / 1e6, 0);
}

async function walPosition(client) {
  const { rows } = await client.query("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as position");
  return rows[0].position;
}

/** Closed loop: each connection asks again as soon as it has its answer. Rate a second, and backend milliseconds an operation. */
async function loop(list, operation, stop) {
  let done = 0;
  const logged = await walPosition(list[0]), spent = backendTime(list), t = now();
  await Promise.all(list.map(async (client) => { while (!stop(done, now() - t)) { const n = done++; await operation(client, n); } }));
  const rate = done / ((now() - t) / 1000), cost = (backendTime(list) - spent) / done;
  return { rate, cost, wal: (await walPosition(list[0]) - logged) / done };
}

async function searchRound(round, asked, prepared) {
  for (const search of chosenSearches()) {
    for (const connections of [1, Number(o.connections)]) for (const name of turn(round)) {
      const make = layouts[name].searches[search];
      if (make === undefined) continue;
      const { rate, cost } = await loop(clients[name].slice(0, connections), (c, n) => c.query(prepared ? named(make(asked[n % asked.length])) : make(asked[n % asked.length])), (_, ms) => ms > seconds * 1000);
      note('search', prepared ? `${search}, prepared` : search, name, connections, rate, cost);
    }
  }
  log(`search round ${round + 1} done`);
}

/** Rows of patients that are not loaded yet. */
function fresh(first, wanted) {
  const list = [];
  for (let i = first; list.length < wanted; i++) list.push(...patientRows(generator, seed, i).rows);
  return list.slice(0, wanted);
}
async function writeRound(round) {
  const operations = Number(o['write-operations']);
  const firstNew = patients + 100_000 * (round + 1);
  for (const connections of [1, Number(o.connections)]) {
    const rows = fresh(firstNew + connections * 1000, connections === 1 ? operations : operations * 4);
    for (const name of turn(round)) {
      const statements = rows.map((r) => named(layouts[name].create([r])));
      noteWrite('create', name, connections, await loop(clients[name].slice(0, connections), (c, n) => c.query(statements[n]), (n) => n >= rows.length));
    }
    // Every second update changes an indexed code, the others only the body.
    const changed = rows.map((r, n) => {
      const resource = { ...JSON.parse(r.content), language: 'en' };
      if (n % 2 === 0 && resource.status !== undefined) resource.status = 'entered-in-error';
      return rowOf(r.tenant, resource, new Date(Date.parse(r.lastUpdated) + 1000).toISOString());
    });
    for (const name of turn(round)) {
      const statements = changed.map((r) => named(layouts[name].update(r)));
      noteWrite('update', name, connections, await loop(clients[name].slice(0, connections), (c, n) => c.query(statements[n]), (n) => n >= changed.length));
    }
  }
  for (const connections of [1, 4]) {
    const count = connections * 30, rows = fresh(firstNew + 50_000 + connections * 1000, count * 50);
    for (const name of turn(round)) {
      const statements = Array.from({ length: count }, (_, n) => named(layouts[name].create(rows.slice(n * 50, n * 50 + 50))));
      noteWrite('transaction of 50', name, connections, await loop(clients[name].slice(0, connections), (c, n) => c.query(statements[n]), (n) => n >= count));
    }
  }
  log(`write round ${round + 1} done`);
}
