/**
 * The settings PostgreSQL is started with. Everything about durability (fsync, synchronous_commit, full_page_writes)
 * stays at PostgreSQL's defaults. Source: PostgreSQL 18 documentation, chapter 19.
 */
import { relative } from 'node:path';
import { clusterSetting, type EmbeddedConnection } from './connection.ts';
import { nameFor, type Reach } from './reach.ts';

/**
 * Command line arguments for `postgres`, whose working folder is the cluster.
 * @param more settings of the caller; they win
 */
export function commandLine(cluster: string, connection: EmbeddedConnection, reach: Reach, more: Readonly<Record<string, string>>): string[] {
  const settings: Record<string, string> = {
    ...(process.platform === 'win32'
      ? { listen_addresses: connection.host }
      : { listen_addresses: '', unix_socket_directories: quoted(reachable(connection.host, cluster, reach)), unix_socket_permissions: '0700' }),
    port: String(connection.port),
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_line_prefix: '',
    // Errors of statements go to their client only, and details (which quote rows) to nobody: the log names no patient.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    // What is loaded first is loaded in seconds, and plans made on empty tables are kept until there are statistics.
    autovacuum_naptime: '10s',
    // The true name, for a later start that looks for this server and for the question whom a connection reached.
    ...(reach === 'within' && { [clusterSetting]: cluster }),
    ...more,
  };
  return ['-D', nameFor(cluster, reach), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** The socket's folder beside the cluster is reached from the cluster; one elsewhere has a path for everybody. */
function reachable(folder: string, cluster: string, reach: Reach): string {
  const beside = relative(cluster, folder);
  return reach === 'within' && /^\.\.\/[^/]+$/.test(beside) ? beside : folder;
}

/** One entry of a list-valued setting, which may hold commas and blanks. */
function quoted(entry: string): string {
  return `"${entry.replaceAll('"', '""')}"`;
}
