/**
 * The yearly table as a page that a plan can publish: HTML without scripts, that prints and that a screen reader reads.
 * It holds no figure of fewer than eleven requests, the size below which CMS shows no cell, neither of those that a share
 * is of nor of the rest, and none that the shares beside it give away: whoever knows one of few might learn what became
 * of the others.
 * Source: 42 CFR 422.122(c); CMS cell size suppression policy (ResDAC, "CMS Cell Size Suppression Policy").
 */
import type { YearlyReport } from './report.ts';
import type { TableRow } from './table.ts';

export const smallestShown = 11;

export function reportPage({ asked, table, services, madeAt }: YearlyReport): string {
  const title = `Prior authorization decisions in ${asked.year}`;
  const scope = [asked.plan, asked.lineOfBusiness, asked.state].flatMap((each) => each === undefined ? [] : [escaped(each)]);
  const section = (urgency: 'standard' | 'expedited', heading: string): string => `
<section aria-labelledby="${urgency}">
<h2 id="${urgency}">${heading}</h2>
${tableHtml(heading, table.filter((row) => row.urgency === urgency))}
</section>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 48rem; padding: 0 1rem; color: #1b1b1b; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0 1.5rem; }
caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
th, td { border-bottom: 1px solid #767676; padding: 0.4rem 0.5rem; text-align: left; vertical-align: top; }
td.figure, th.figure { text-align: right; white-space: nowrap; }
@media print { body { margin: 0; max-width: none; } section { break-inside: avoid; } }
</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${scope.length > 0 ? `For ${scope.join(', ')}. ` : ''}Decisions from 1 January to 31 December ${asked.year} counted by ${asked.count}. Drugs are not told apart from other items and services.</p>
${section('standard', 'Standard requests')}
${section('expedited', 'Expedited requests')}
<section aria-labelledby="services">
<h2 id="services">Items and services that need prior authorization</h2>
${services.length === 0 ? '<p>None are listed.</p>' : `<ul>
${services.map(({ plan, title: service, codes }) => `<li>${escaped(`${plan}: ${service}`)}${codes.length > 0 ? ` (${escaped(codes.map(({ code, isPrefix }) => isPrefix ? `${code}…` : code).join(', '))})` : ''}</li>`).join('\n')}
</ul>`}
</section>
<section aria-labelledby="notes">
<h2 id="notes">How this is counted</h2>
<p>Percentages are of all that were decided for the first time in the year. Requests that were withdrawn before a decision do not count. Time runs from receipt of the request to the decision. Shares that stand for fewer than ${smallestShown} requests, or for all but fewer than that, are not shown, nor those from which they could be reckoned, so that nobody can be recognized.</p>
<p>Made on ${madeAt.toISOString().slice(0, 10)}.</p>
</section>
</main>
</body>
</html>
`;
}

/** Shares that together are the whole: of them one that is not shown could be reckoned from the others. */
const wholes: ReadonlySet<string> = new Set(['approved', 'approved-in-part', 'denied']);

function hiddenOf(rows: readonly TableRow[]): ReadonlySet<TableRow> {
  const isSmall = (count: number): boolean => count > 0 && count < smallestShown;
  const shares = rows.filter((row) => row.kind === 'share');
  const hidden = new Set<TableRow>(shares.filter(({ numerator, denominator }) => isSmall(numerator) || isSmall(denominator - numerator)));
  const parts = shares.filter(({ code, urgency }) => wholes.has(code.slice(urgency.length + 1)));
  if (parts.filter((row) => hidden.has(row)).length === 1) {
    const [next] = parts.filter((row) => !hidden.has(row)).toSorted((one, other) => Number(one.numerator === 0) - Number(other.numerator === 0) || one.numerator - other.numerator);
    if (next) hidden.add(next);
  }
  return hidden;
}

function tableHtml(heading: string, rows: readonly TableRow[]): string {
  const [first] = rows;
  const few = (first?.denominator ?? 0) < smallestShown;
  const hidden = hiddenOf(rows);
  return `<table>
<caption>${heading}: ${few ? `fewer than ${smallestShown} decided` : `${first!.denominator} decided`}</caption>
<thead><tr><th scope="col">Measure</th><th scope="col" class="figure">Result</th></tr></thead>
<tbody>
${rows.map((row) => `<tr><th scope="row">${escaped(row.title)}</th><td class="figure">${few || hidden.has(row) ? 'not shown' : resultOf(row)}</td></tr>`).join('\n')}
</tbody>
</table>`;
}

function resultOf(row: TableRow): string {
  if (row.kind === 'share') return row.percent === undefined ? 'none' : `${row.percent.toFixed(1)} %`;
  return row.value === undefined ? 'none' : `${row.value.toFixed(2)} ${row.unit === 'd' ? 'days' : 'hours'}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
