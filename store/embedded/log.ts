/** The launcher's way to tell what it does. */

/** Takes one event, named in lower case with hyphens, and its details, which never hold patient data. */
export type Log = (event: string, detail: Record<string, unknown>) => void;
