// What each route is for, for the table in docs/reference/http.md. The list of routes itself is the server's:
// scripts/write-reference.mjs fails for a route that is missing here, and for one that is here alone.
export const routeMeanings = {
  'GET /healthz': { does: 'The process is alive. Says nothing about the store.', answers: '200 text/plain' },
  'GET /readyz': { does: 'The server can serve: it has started, is not stopping, and the store answers.', answers: '200, else 503, text/plain' },
  'GET /metrics': { does: 'Prometheus metrics: requests by route pattern and status, decisions, deliveries, process.', answers: '200' },
  'POST /x12': { does: 'An X12 interchange with 278 requests (005010X217) and inquiries (005010X215). See [the X12 guide](../guides/x12.md).', answers: '200 with TA1, 999, 278 responses; 400 with a TA1 when there is no interchange in the body' },
  'GET /landing/:id': { does: 'The record of a delivery: when, on which rail, SHA-256, size, how often, what became of it.', answers: '200 application/json, 404' },
  'GET /landing/:id/raw': { does: 'The bytes of a delivery, exactly as they came, as an attachment.', answers: '200 in the media type sent, 404' },
  'GET /fhir/metadata': { does: 'CapabilityStatement, made from what is registered.', answers: '200' },
  'POST /fhir/Claim/$submit': { does: 'A PAS request Bundle; answered with a PAS response Bundle.', answers: '200 with a ClaimResponse, also when the request is rejected (`ClaimResponse.error`); 400 or 422 for a Bundle that cannot be processed' },
  'POST /fhir/Claim/$inquire': { does: 'A PAS inquiry Bundle; answered with Parameters, one `return` for each authorization found (50 at most, the newest).', answers: '200, 400, 422' },
  'POST /fhir/Claim/:id/$decide': { does: 'A named person decides on items. See [$decide](decide.md).', answers: '200, 404, 409, 422' },
  'POST /fhir': { does: 'A Bundle of type `transaction`: POST, PUT, DELETE and GET entries, all or none.', answers: '200 with a transaction-response; the problem of the entry that failed' },
  'GET /fhir/:type': { does: 'Search. Parameters of type token and reference, `_id`, `_lastUpdated`, `_count` (20, at most 1000), `_total`, `_sort=-_lastUpdated`; by id otherwise.', answers: '200 with a searchset; 400 for a parameter or modifier that is not answered' },
  'POST /fhir/:type/_search': { does: 'The same with parameters in a form body.', answers: 'as above' },
  'POST /fhir/:type': { does: 'create; no ClaimResponse that decides on a prior authorization', answers: '201, 422' },
  'GET /fhir/:type/:id': { does: 'read; `If-None-Match` is answered', answers: '200, 304, 404, 410' },
  'PUT /fhir/:type/:id': { does: 'update, or create under the id of the client; `If-Match` is honoured. The record of an authorization is refused.', answers: '200, 201, 409, 412' },
  'DELETE /fhir/:type/:id': { does: 'delete; `If-Match` is honoured. Deleting what is not there succeeds; the record of an authorization is refused.', answers: '204, 409, 412' },
  'GET /fhir/:type/:id/_history': { does: 'Versions of a resource, newest first; `_count` (50, at most 1000).', answers: '200 with a history Bundle, 404' },
  'GET /fhir/:type/:id/_history/:version': { does: 'vread', answers: '200, 404, 410' },
};
