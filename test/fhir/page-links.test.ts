/** Links between pages: what was asked comes back as it was asked, and the cursor only where there is one. */
import { pageLinks } from '../../fhir/page-links.ts';

const address = 'http://localhost/fhir/Observation';

test('an answer of one page, asked without parameters, has its bare address and no next', () => {
  expect(pageLinks(address, [], undefined)).toEqual([{ relation: 'self', url: address }]);
});

test('parameters keep their order, come twice where they were twice, and are escaped', () => {
  const [self] = pageLinks(address, [['code', 'a|b&c'], ['date', 'ge2020'], ['date', 'lt2021'], ['name', 'Å 1+1']], undefined);
  expect([...new URL(self!.url).searchParams]).toEqual([['code', 'a|b&c'], ['date', 'ge2020'], ['date', 'lt2021'], ['name', 'Å 1+1']]);
  expect(self!.url).not.toMatch(/[|ÅÄ ]/);
});

test('the cursor of the next page is in next alone, that of this page in self alone', () => {
  expect(pageLinks(address, [['_count', '2']], 'there')).toEqual([{ relation: 'self', url: `${address}?_count=2` }, { relation: 'next', url: `${address}?_count=2&_cursor=there` }]);
  expect(pageLinks(address, [], 'there', 'here')).toEqual([{ relation: 'self', url: `${address}?_cursor=here` }, { relation: 'next', url: `${address}?_cursor=there` }]);
});
