/**
 * The catalogue of everything that can go wrong in front of a user: one code, one HTTP status, one FHIR issue
 * type and one text each. Inside the house a problem is a typed {@link Problem}; at the edge it becomes an
 * OperationOutcome (`outcome.ts`). Texts may carry ids, element names and limits, never a patient's data.
 */

/** FHIR R4 issue types that this house uses (https://hl7.org/fhir/R4/valueset-issue-type.html). */
export type IssueType =
  | 'structure' | 'required' | 'value' | 'invariant' | 'not-supported' | 'duplicate' | 'not-found' | 'deleted'
  | 'too-long' | 'too-costly' | 'conflict' | 'business-rule' | 'transient' | 'exception' | 'invalid' | 'security'
  | 'timeout' | 'multiple-matches' | 'no-store' | 'informational' | 'code-invalid' | 'login';

interface Definition {
  /** HTTP status when the problem decides the answer. */
  readonly status: number;
  readonly issue: IssueType;
  /** `{name}` is filled from the problem's details. */
  readonly text: string;
}

const define = <const T extends Record<string, Definition>>(definitions: T): T => definitions;

export const catalogue = define({
  // The body
  'malformed-json': { status: 400, issue: 'structure', text: 'The body is not well-formed JSON: {reason}.' },
  'malformed-xml': { status: 400, issue: 'structure', text: 'The body is not well-formed FHIR XML: line {line}, column {column}: {reason}.' },
  'not-utf8': { status: 400, issue: 'structure', text: 'The body is not valid UTF-8.' },
  'too-deep': { status: 400, issue: 'structure', text: 'The JSON is nested deeper than {limit} levels.' },
  'empty-body': { status: 400, issue: 'required', text: 'The request has no body; {expected} is expected.' },
  'too-large': { status: 413, issue: 'too-long', text: 'The body is larger than the limit of {limit} bytes.' },
  'headers-too-large': { status: 431, issue: 'too-long', text: 'Address and headers together are larger than the limit of {limit} bytes. A long search goes by POST.' },
  'request-too-slow': { status: 408, issue: 'transient', text: 'The request did not arrive whole within {limit} seconds.' },
  'incomplete-body': { status: 400, issue: 'structure', text: 'The body ended before it was complete.' },
  'unsupported-media-type': { status: 415, issue: 'not-supported', text: 'Content type {mediaType} is not supported here; send {expected}.' },
  'unsupported-content-coding': { status: 415, issue: 'not-supported', text: 'A body in a content coding (compressed) is not supported here; send it as it is.' },
  'not-acceptable': { status: 406, issue: 'not-supported', text: 'No acceptable answer format: this server answers {offered}.' },

  // Resources
  'unknown-resource-type': { status: 404, issue: 'not-supported', text: 'There is no resource type {type} in FHIR R4.' },
  'not-a-resource': { status: 400, issue: 'structure', text: 'The body is not a FHIR resource: resourceType is missing.' },
  'wrong-resource-type': { status: 400, issue: 'invalid', text: 'The body is a {found}; {expected} is expected here.' },
  'invalid-id': { status: 400, issue: 'value', text: 'An id has 1 to 64 characters from A-Z, a-z, 0-9, "-" and "."; this one has not.' },
  'id-mismatch': { status: 400, issue: 'invalid', text: 'The id in the body is not the id in the address.' },
  'id-required': { status: 400, issue: 'required', text: 'An update needs the id in the body.' },
  'invalid-element': { status: 400, issue: 'structure', text: '{element} has the wrong form: {reason}.' },
  'not-found': { status: 404, issue: 'not-found', text: '{type}/{id} is not known.' },
  'version-not-found': { status: 404, issue: 'not-found', text: '{type}/{id} has no version {version}.' },
  'gone': { status: 410, issue: 'deleted', text: '{type}/{id} has been deleted.' },
  'version-conflict': { status: 412, issue: 'conflict', text: '{type}/{id} is at version {current}, not {expected}.' },
  'bad-if-match': { status: 400, issue: 'value', text: 'If-Match must be one weak entity tag, W/"version", or *.' },
  'nothing-there': { status: 412, issue: 'conflict', text: '{type}/{id} is not there, or deleted; If-Match: * asks that it is there.' },
  'concurrent-change': { status: 409, issue: 'conflict', text: 'Somebody else changed the same record at the same moment. Read it again and repeat.' },
  'bad-precondition': { status: 400, issue: 'value', text: '{header} is not understood here: {reason}.' },
  'patched-identity': { status: 422, issue: 'business-rule', text: 'A patch must leave resourceType, id and meta.versionId as they are.' },
  'already-there': { status: 412, issue: 'conflict', text: '{type}/{id} is there already; If-None-Match: * asks that it is not.' },
  'no-criteria': { status: 400, issue: 'required', text: 'A conditional interaction needs search criteria; there are none.' },
  'no-match': { status: 404, issue: 'not-found', text: 'No {type} matches the criteria.' },
  'several-matches': { status: 412, issue: 'multiple-matches', text: 'More than {limit} {type} match the criteria; nothing was changed.' },
  'reference-without-match': { status: 412, issue: 'not-found', text: 'No {type} matches the criteria of a conditional reference.' },
  'reference-untold': { status: 412, issue: 'not-supported', text: 'No {type} in the store matches the criteria of a conditional reference; whether an entry of the same Bundle does cannot be told by chains, _has, _list, _text, _content and _lastUpdated. Refer to the entry by its fullUrl.' },
  'id-taken': { status: 409, issue: 'conflict', text: '{type}/{id} exists, but does not match the criteria.' },
  'too-costly-representation': { status: 413, issue: 'too-costly', text: 'A Binary of this size is not laid out or cut to a part; the limit is {limit} bytes. Read its content as it is.' },
  'range-not-satisfiable': { status: 416, issue: 'value', text: 'The content has {size} bytes, and nothing in the range that was asked for.' },
  'too-many-values': { status: 413, issue: 'too-costly', text: 'This {type} would be found by more than {limit} values; divide it.' },
  'answer-too-large': { status: 413, issue: 'too-costly', text: 'The answer would be larger than {limit} characters; ask for less at once.' },
  'reserved-type': { status: 405, issue: 'not-supported', text: '{type} is not stored by this interaction.' },

  // Interactions
  'method-not-allowed': { status: 405, issue: 'not-supported', text: '{method} is not possible at this address; {allowed} is.' },
  'malformed-form': { status: 400, issue: 'structure', text: 'The form is not well-formed: percent-encoding stands for UTF-8 text without NUL characters.' },
  'malformed-address': { status: 400, issue: 'structure', text: 'The address is not well-formed: percent-encoding stands for UTF-8 text without NUL characters.' },
  'no-such-route': { status: 404, issue: 'not-found', text: 'There is nothing at this address.' },
  'not-supported': { status: 501, issue: 'not-supported', text: '{what} is not supported by this server.' },
  'unknown-search-parameter': { status: 400, issue: 'not-supported', text: 'Search parameter {name} is not known for {type}.' },
  'repeated-search-parameter': { status: 400, issue: 'invalid', text: 'The parameter {name} is there more than once, and has one meaning only.' },
  'unsupported-search-parameter': { status: 400, issue: 'not-supported', text: 'Search parameter {name} is of type {kind}, which this server does not search yet.' },
  'unsupported-modifier': { status: 400, issue: 'not-supported', text: 'Modifier :{modifier} is not supported on {name}.' },
  'includes-cut': { status: 200, issue: 'too-costly', text: 'More than {limit} resources go along with this page; the others are not in it. Ask for smaller pages.' },
  'total-estimated': { status: 200, issue: 'informational', text: 'There are more matches than {limit}, and as far as an estimate counts; _total=accurate counts them all.' },
  'invalid-chain': { status: 400, issue: 'invalid', text: 'The reference {name} cannot be followed: {reason}.' },
  'invalid-filter': { status: 400, issue: 'invalid', text: 'The expression of _filter is not valid at character {position}: {reason}.' },
  'unsupported-sort': { status: 400, issue: 'not-supported', text: 'Resources of type {type} cannot be sorted by {name}: {reason}.' },
  'too-costly': { status: 403, issue: 'too-costly', text: 'The search takes longer than this server allows; narrow it down.' },
  'search-too-large': { status: 400, issue: 'too-costly', text: 'The search has more than {limit} {what}.' },
  'not-in-compartment': { status: 400, issue: 'invalid', text: 'Resources of type {type} are in no compartment of a {compartment}.' },
  'unknown-value-set': { status: 400, issue: 'not-found', text: 'The value set, or one that it is made of, is not known here.' },
  'unknown-code-system': { status: 400, issue: 'not-found', text: 'The code system, or the code in it, is not known here.' },
  'value-set-not-expandable': { status: 400, issue: 'not-supported', text: 'The value set cannot be expanded here: {reason}.' },
  'invalid-ecl': { status: 400, issue: 'invalid', text: 'The expression constraint (ECL) is not valid at character {position}: {reason}.' },
  'ecl-not-evaluated': { status: 400, issue: 'not-supported', text: 'The expression constraint (ECL) cannot be evaluated here: {what} at character {position}.' },
  'code-too-long': { status: 422, issue: 'too-long', text: '{what} in this terminology is longer than {limit} bytes, by which nobody could look it up.' },
  'value-set-too-large': { status: 400, issue: 'too-costly', text: 'The value set has more than {limit} codes.' },
  'invalid-search-value': { status: 400, issue: 'value', text: 'The value of {name} is not valid: {reason}.' },
  'bundle-type': { status: 400, issue: 'value', text: 'A Bundle of type {found} cannot be processed here; {expected} is expected.' },
  'bundle-entry': { status: 400, issue: 'invalid', text: 'Entry {index}: {reason}.' },
  'batch-too-slow': { status: 503, issue: 'timeout', text: 'The batch took longer than {limit} milliseconds; this entry was not begun. Send it again, with fewer others.' },
  'transaction-too-slow': { status: 503, issue: 'timeout', text: 'The transaction took longer than {limit} milliseconds; nothing was changed. Send it again, or in smaller parts.' },
  'client-gone': { status: 499, issue: 'transient', text: 'The client closed the connection before the Bundle was done; what had not begun was left.' },
  'bundle-too-large': { status: 413, issue: 'too-costly', text: 'The Bundle has {count} entries; the limit is {limit}.' },

  // Operations
  'unknown-operation': { status: 404, issue: 'not-supported', text: 'This server has no operation of that name; its CapabilityStatement lists those it has.' },
  'operation-elsewhere': { status: 400, issue: 'not-supported', text: 'The operation ${operation} is not asked for at this address, but at {places}.' },
  'operation-by-post': { status: 405, issue: 'not-supported', text: 'The operation ${operation} is asked for by POST.' },
  'not-parameters': { status: 400, issue: 'structure', text: 'The operation ${operation} takes a Parameters resource as its body.' },
  'unknown-operation-parameter': { status: 400, issue: 'not-supported', text: 'The operation ${operation} has no input parameter {name} in this place.' },
  'invalid-operation-parameter': { status: 400, issue: 'value', text: 'The value of the parameter {name} is not valid: {reason}.' },
  'unsupported-operation-parameter': { status: 400, issue: 'not-supported', text: 'The operation ${operation} cannot go by the parameter {name} here: {reason}.' },
  'missing-operation-parameter': { status: 400, issue: 'required', text: 'The operation ${operation} needs the parameter {name}.' },
  'everything-incomplete': { status: 200, issue: 'too-costly', text: 'This page refers to more resources than are included; read the others one by one, or ask for smaller pages with _count.' },
  'record-too-large': { status: 413, issue: 'too-costly', text: 'The record has more than one document takes, which is {resources} resources and {bytes} bytes of them; ask for a time of care with start and end.' },
  'labels-too-many': { status: 403, issue: 'too-costly', text: 'More than {limit} resources have profiles, tags or security labels; ask for those of one type, or of one resource.' },
  'validation-scope': { status: 200, issue: 'informational', text: 'Checked: {checked}. Not checked: {unchecked}.' },
  'target-unknown': { status: 422, issue: 'not-found', text: '{element} refers to a resource that is not on this server.' },

  // Bundles
  'bundle-full-url': { status: 422, issue: 'invalid', text: 'The fullUrl of the entry is not right: {reason}.' },
  'bundle-start': { status: 422, issue: 'invalid', text: 'The first entry of a Bundle of this type is its {type}.' },
  'bundle-target-missing': { status: 422, issue: 'not-found', text: 'The Bundle has no entry for what its {start} refers to here.' },
  'bundle-target-several': { status: 422, issue: 'multiple-matches', text: 'Several entries of the Bundle are what is referred to here.' },
  'bundle-entry-apart': { status: 422, issue: 'invalid', text: 'Nothing leads from the {start} to this entry.' },
  'bundle-search': { status: 422, issue: 'invalid', text: 'The answer to a search is not as it should be: {reason}.' },

  // Answers against their Questionnaire
  'questionnaire-unknown': { status: 422, issue: 'not-found', text: 'The Questionnaire is not known here, so the answers are not checked against it.' },
  'answer-item-unknown': { status: 422, issue: 'structure', text: 'The Questionnaire has no item of this linkId in this place.' },
  'answer-order': { status: 422, issue: 'structure', text: 'The items are not in the order of the Questionnaire.' },
  'answer-item-twice': { status: 422, issue: 'structure', text: 'Item {item} is there more than once; several answers to a question stand in one item.' },
  'answer-not-enabled': { status: 422, issue: 'structure', text: 'Item {item} is answered, but is not enabled by the other answers.' },
  'answer-required': { status: 422, issue: 'required', text: 'Item {item} must be there with at least {least} answers.' },
  'answer-too-many': { status: 422, issue: 'structure', text: 'Item {item} may have {most} answers.' },
  'answer-misplaced': { status: 422, issue: 'structure', text: 'This is in the wrong place: {reason}.' },
  'answer-type': { status: 422, issue: 'value', text: 'The answer to item {item} has the wrong type; {expected} is expected.' },
  'answer-not-offered': { status: 422, issue: 'value', text: 'The answer to item {item} is none of those that may be chosen.' },
  'answer-length': { status: 422, issue: 'too-long', text: 'The answer to item {item} has the wrong length: {reason}.' },
  'answer-range': { status: 422, issue: 'value', text: 'The answer to item {item} is out of range: {reason}.' },

  'invalid-patch': { status: 400, issue: 'structure', text: 'Operation {index} of the patch has the wrong form: {reason}.' },
  'patch-not-applicable': { status: 422, issue: 'business-rule', text: 'Operation {index} of the patch cannot be done: {reason}.' },
  'patch-test-failed': { status: 422, issue: 'conflict', text: 'Operation {index} of the patch expects another value at its path.' },

  // GraphQL
  'graphql-request': { status: 400, issue: 'structure', text: 'The request is not one of GraphQL: {reason}.' },
  'graphql-query': { status: 400, issue: 'invalid', text: 'The query cannot be answered: {reason}' },
  'graphql-argument': { status: 400, issue: 'value', text: 'The argument {name} is not valid: {reason}.' },
  'graphql-too-deep': { status: 400, issue: 'too-costly', text: 'The query has {depth} levels of fields; the limit is {limit}.' },
  'graphql-too-costly': { status: 400, issue: 'too-costly', text: 'The query is estimated to cost {cost}; the limit is {limit}. Ask for fewer resources with _count, or for fewer lists within lists.' },
  'graphql-too-slow': { status: 403, issue: 'too-costly', text: 'The query took longer than {limit} milliseconds.' },
  'graphql-too-large': { status: 400, issue: 'too-costly', text: 'The query reads or answers more than {limit} characters.' },
  'graphql-unresolved': { status: 422, issue: 'not-found', text: 'The reference leads to no resource that is known here.' },
  'graphql-not-one': { status: 422, issue: 'multiple-matches', text: 'There are several values where @singleton says that there is one.' },

  // Prior authorization (Da Vinci PAS 2.2.1)
  'pas-not-a-bundle': { status: 400, issue: 'structure', text: 'The operation takes one Bundle as its body.' },
  'pas-empty-bundle': { status: 400, issue: 'required', text: 'The Bundle has no entry; a Claim is expected first.' },
  'pas-bundle-rule': { status: 422, issue: 'invariant', text: '{rule}' },
  'pas-missing': { status: 422, issue: 'required', text: '{rule}' },
  'pas-observed': { status: 200, issue: 'informational', text: '{rule}' },
  'authorization-not-found': { status: 404, issue: 'not-found', text: 'There is no prior authorization for Claim/{id}.' },
  'decision-invalid': { status: 422, issue: 'business-rule', text: '{rule}' },
  'decision-not-allowed': { status: 409, issue: 'business-rule', text: 'Item {item} is {state}; {action} is not possible any more.' },
  'clock-not-allowed': { status: 409, issue: 'business-rule', text: 'The clock of item {item} cannot be moved so: {reason}.' },
  'member-of-authorization': { status: 409, issue: 'business-rule', text: '{type}/{id} is the member of a prior authorization, which would be of nobody without it.' },
  'held-by-authorization': { status: 409, issue: 'business-rule', text: '{type}/{id} is the record of a prior authorization and changes with its decisions alone; decide with Claim/[id]/$decide.' },
  'decision-by-operation-only': { status: 422, issue: 'business-rule', text: 'ClaimResponse.use must be claim or predetermination here; a prior authorization is decided with Claim/$submit and Claim/[id]/$decide alone.' },
  'attachment-invalid': { status: 422, issue: 'business-rule', text: '{rule}' },
  'signature-invalid': { status: 400, issue: 'invalid', text: 'The signature of the document is invalid: {step}.' },
  'attachment-of-another': { status: 422, issue: 'business-rule', text: 'The document is about somebody else than the member: the {what} that it gives is not the member\'s.' },
  'task-of-another': { status: 403, issue: 'security', text: 'A Task by which information is asked for is answered by the provider whom it is for, about the member and the request that it names.' },
  'task-not-open': { status: 409, issue: 'business-rule', text: 'Nothing is asked for by this Task any more.' },
  'too-many-held': { status: 422, issue: 'too-costly', text: 'More than {limit} documents of this sender would wait for a request; send the request first.' },
  'too-much-held': { status: 422, issue: 'too-costly', text: 'More than {limit} bytes of documents of this sender would wait for a request; send the request first.' },
  'attachment-unmatched': { status: 422, issue: 'not-found', text: 'No prior authorization of this member goes by the tracking or reference number given.' },

  // Documentation (DTR)
  'documentation-of-nothing': { status: 400, issue: 'required', text: 'A questionnaire package is asked for with an order, a questionnaire or a context; there is none.' },
  'documentation-coverage-unknown': { status: 422, issue: 'not-found', text: 'No member of this plan has the number that the coverage gives (identifier of type MB, or subscriberId).' },
  'documentation-context-unknown': { status: 422, issue: 'not-found', text: 'The context is none of this member: neither a coverage assertion nor a request for information has this id.' },
  'documentation-promised': { status: 422, issue: 'not-found', text: 'Documentation was asked for under this context, but there is no questionnaire for it, or what was asked for has come meanwhile. Read the request for information, or ask the plan by telephone; documents can be sent with $submit-attachment under the same number.' },
  'documentation-response-invalid': { status: 400, issue: 'invalid', text: 'The response cannot be gone on with: {reason}.' },
  'documentation-adaptive-unknown': { status: 404, issue: 'not-found', text: 'The questionnaire that the contained one is derived from is not here, or not adaptive.' },
  'documentation-questionnaire-unknown': { status: 200, issue: 'not-found', text: 'The Questionnaire {canonical} is not here, so there is no package of it.' },
  'documentation-dependency-unknown': { status: 200, issue: 'not-found', text: '{canonical}, which the questionnaire needs, is not here and not in the package.' },
  'documentation-not-expanded': { status: 200, issue: 'not-found', text: 'The value set {canonical} could not be expanded; it is in the package as it is defined.' },
  'documentation-library-form': { status: 200, issue: 'invalid', text: 'The Library {canonical} has not both CQL and ELM in its content.' },
  'documentation-order-unclear': { status: 200, issue: 'value', text: 'The order does not say in a code what is ordered, so no rule speaks of it.' },
  'documentation-not-needed': { status: 200, issue: 'informational', text: 'No rule of the plan asks for documentation of this order.' },
  'documentation-errors-logged': { status: 200, issue: 'informational', text: '{count} errors are counted; what was said of them in words is not kept.' },
  'documentation-unchanged': { status: 200, issue: 'informational', text: '{count} packages have not changed since then, and are not repeated.' },
  // Coverage requirements (Da Vinci CRD 2.2.1, CDS Hooks 2.0)
  'cds-client-unknown': { status: 401, issue: 'login', text: 'The call is not taken from this client: {reason}.' },
  'cds-service-unknown': { status: 404, issue: 'not-found', text: 'There is no CDS service of this id; /cds-services lists those that there are.' },
  'cds-request-invalid': { status: 400, issue: 'structure', text: '{element} has the wrong form: {reason}.' },
  'cds-request-rule': { status: 422, issue: 'business-rule', text: '{rule}' },
  'cds-no-coverage': { status: 400, issue: 'required', text: 'No Coverage of the patient is accessible; guidance is given under a coverage of this payer.' },
  'cds-other-payer': { status: 400, issue: 'business-rule', text: 'The Coverage is with a payer that this endpoint does not answer for.' },
  'cds-prefetch-missing': { status: 412, issue: 'required', text: '{what} is not in the prefetch, and could not be read from the server of the client: {reason}.' },

  // The inbox
  'message-not-found': { status: 404, issue: 'not-found', text: 'There is no message of this id.' },
  'source-unknown': { status: 200, issue: 'informational', text: '{count} of these values came from no message: a client wrote them, or they follow from what a message said.' },
  'source-of-nothing': { status: 200, issue: 'informational', text: 'There is no value at this path.' },
  'answer-not-found': { status: 404, issue: 'not-found', text: 'No answer waits for this partner under this control number.' },
  'channel-closed': { status: 409, issue: 'business-rule', text: 'Messages of this channel are not taken in by this server, so none can be replayed.' },

  // X12
  'x12-not-an-interchange': { status: 400, issue: 'structure', text: 'The body holds no X12 interchange: {reason}.' },

  // Search parameters of a tenant's own
  'search-parameter-unusable': { status: 422, issue: 'business-rule', text: 'This SearchParameter cannot be put in force: {reason}.' },
  'search-parameter-taken': { status: 409, issue: 'duplicate', text: 'This SearchParameter cannot be put in force: another search parameter for the same types has its {what}.' },
  'search-parameter-in-use': { status: 409, issue: 'conflict', text: 'This SearchParameter is part of the composite {name}: change or retire that first.' },
  'search-parameter-building': { status: 503, issue: 'transient', text: 'Search parameter {name} is being indexed: {percent} % of what is stored is done. Until then an answer would miss some of it.' },

  // Definitions and FHIR packages
  'unusable-definition': { status: 422, issue: 'business-rule', text: '{definition} cannot be used: {reason}.' },
  'unusable-package': { status: 422, issue: 'business-rule', text: 'The package cannot be used: {reason}.' },
  'package-too-large': { status: 413, issue: 'too-long', text: 'The package is refused: {what} passes the limit of {limit}.' },
  'package-not-found': { status: 404, issue: 'not-found', text: 'The package {package} was not found: {reason}.' },
  'package-in-use': { status: 409, issue: 'conflict', text: '{package} stays: {by} depends on it.' },

  // Terminology
  'closure-unknown': { status: 404, issue: 'not-found', text: 'There is no closure table of that name; name it alone to begin one.' },
  'closure-full': { status: 422, issue: 'too-costly', text: 'A closure table has no more than {limit} concepts.' },
  'terminology-refused': { status: 422, issue: 'business-rule', text: 'The value set or code system cannot be used here: {reason}.' },
  'hierarchy-too-large': { status: 422, issue: 'too-costly', text: 'The hierarchy of the code system has more than {limit} pairs of a concept and one above it.' },
  'hierarchy-circle': { status: 422, issue: 'business-rule', text: 'The hierarchy of the code system has a circle: the {place}. of its concepts, in the order of the text, is above itself.' },

  // Importing terminology
  'held-by-import': { status: 409, issue: 'business-rule', text: '{type}/{id} tells of an imported code system and changes with its import and removal alone (priora terminology); a CodeSystem of your own, under another id, goes before it.' },
  'import-refused': { status: 422, issue: 'invalid', text: '{name} cannot be imported: {reason}.' },
  'import-elsewhere': { status: 409, issue: 'conflict', text: 'Another process is importing the same version: wait until it is done.' },
  'import-line': { status: 422, issue: 'structure', text: '{file}, line {line}: {reason}.' },

  // Validation: one entry for each way in which a definition is not met
  'element-unknown': { status: 422, issue: 'structure', text: '{element} is no element of {type}.' },
  'element-form': { status: 422, issue: 'structure', text: 'The element {reason}.' },
  'element-missing': { status: 422, issue: 'required', text: 'There must be at least {min} {element}; {found}.' },
  'element-too-few': { status: 422, issue: 'required', text: 'There must be at least {min} {element}; there are fewer.' },
  'element-too-many': { status: 422, issue: 'structure', text: 'There must be at most {max} {element}; there are more.' },
  'element-prohibited': { status: 422, issue: 'structure', text: '{element} is not allowed here.' },
  'primitive-format': { status: 422, issue: 'value', text: 'The value must be {expected}.' },
  'type-not-allowed': { status: 422, issue: 'structure', text: '{element} must be of one of these types: {types}.' },
  'value-fixed': { status: 422, issue: 'value', text: '{element} must be exactly {fixed}.' },
  'value-pattern': { status: 422, issue: 'value', text: '{element} must contain {pattern}.' },
  'value-too-small': { status: 422, issue: 'value', text: '{element} must not be less than {limit}.' },
  'value-too-large': { status: 422, issue: 'value', text: '{element} must not be greater than {limit}.' },
  'value-too-long': { status: 422, issue: 'too-long', text: '{element} must not be longer than {limit} characters.' },
  'value-too-short': { status: 422, issue: 'value', text: '{element} must not be shorter than {limit} characters.' },
  'slice-missing': { status: 422, issue: 'required', text: 'There must be at least {min} {slice}; there are fewer.' },
  'slice-too-many': { status: 422, issue: 'structure', text: 'There must be at most {max} {slice}; there are more.' },
  'slice-prohibited': { status: 422, issue: 'structure', text: '{slice} is not allowed here.' },
  'slice-unmatched': { status: 422, issue: 'structure', text: 'This {element} is none of the slices that are defined, and no other is allowed.' },
  'slice-ambiguous': { status: 422, issue: 'structure', text: 'This {element} meets more than one slice: {slices}.' },
  'slice-order': { status: 422, issue: 'structure', text: 'The slices of {element} must stand in the order in which they are defined; this one stands too late.' },
  'slice-end': { status: 422, issue: 'structure', text: 'A {element} that is none of the slices that are defined must stand after those that are.' },
  'extension-unknown': { status: 422, issue: 'not-found', text: 'The definition of this extension is not known here, so its content was not checked.' },
  'extension-unknown-modifier': { status: 422, issue: 'not-found', text: 'The definition of this extension is not known here, and it changes the meaning of the element it is in; who does not know it must not go by that element.' },
  'extension-url': { status: 422, issue: 'value', text: 'The url of an extension must be absolute, unless it is part of another extension.' },
  'extension-url-version': { status: 422, issue: 'value', text: 'The url of an extension is that of its definition without a version.' },
  'extension-context': { status: 422, issue: 'structure', text: 'The extension {extension} is not allowed here by its definition.' },
  'extension-modifier': { status: 422, issue: 'structure', text: 'This extension must stand in {place}.' },
  'binding-required': { status: 422, issue: 'code-invalid', text: '{element} must have a code of the value set {valueSet}.' },
  'binding-extensible': { status: 422, issue: 'code-invalid', text: '{element} should have a code of the value set {valueSet}, unless none of them fits.' },
  'binding-preferred': { status: 422, issue: 'code-invalid', text: '{element} has preferably a code of the value set {valueSet}.' },
  'binding-maximum': { status: 422, issue: 'code-invalid', text: '{element} must have no other code than those of the value set {valueSet}.' },
  'binding-not-checked': { status: 422, issue: 'not-supported', text: 'Whether {element} has a code of the value set {valueSet} is not known here.' },
  'constraint-failed': { status: 422, issue: 'invariant', text: 'The constraint {key} does not hold: {meaning}' },
  'constraint-not-evaluated': { status: 422, issue: 'not-supported', text: 'The constraint {key} could not be evaluated.' },
  'reference-type': { status: 422, issue: 'structure', text: '{element} must refer to one of these: {targets}.' },
  'reference-target': { status: 422, issue: 'structure', text: '{element} must refer to what conforms to one of these: {targets}; the target does not.' },
  'reference-target-stored': { status: 422, issue: 'business-rule', text: 'What is referred to here is stored and conforms to none of these: {profiles}.' },
  'reference-aggregation': { status: 422, issue: 'structure', text: '{element} must refer to what is {modes}.' },
  'reference-contained': { status: 422, issue: 'not-found', text: '{element} refers to a contained resource that is not there.' },
  'reference-other-type': { status: 422, issue: 'structure', text: '{element} names another type than that of the resource it leads to.' },
  'reference-form': { status: 422, issue: 'value', text: 'A reference that is not absolute must be a resource type and an id, as Patient/123.' },
  'reference-type-unknown': { status: 422, issue: 'value', text: 'The type of a reference must be a resource type of FHIR R4, or the absolute URL of a logical model.' },
  'reference-type-other': { status: 422, issue: 'value', text: 'The type of the reference is not that of the resource it leads to.' },
  'narrative-wrong': { status: 422, issue: 'value', text: 'The narrative {reason} (line {line}, column {column} of the text).' },
  'markup-in-string': { status: 422, issue: 'security', text: 'The string holds what looks like markup; strings are shown as they are, and have none.' },
  'uri-form': { status: 422, issue: 'value', text: 'The URI {reason}.' },
  'element-id-twice': { status: 422, issue: 'duplicate', text: 'The id is that of another element of the resource; it must be the only one.' },
  'xml-order': { status: 422, issue: 'structure', text: '{element} stands behind {before}, and belongs before it: elements in XML stand in the order of their definition.' },
  'canonical-target': { status: 422, issue: 'structure', text: '{element} must be the canonical of one of these: {targets}; what it leads to is another: {type}.' },
  'code-unknown': { status: 422, issue: 'code-invalid', text: 'The code system {system} has no such code.' },
  'code-display': { status: 422, issue: 'code-invalid', text: 'The display is none of this code; the code system {system} says: {displays}.' },
  'code-system-value-set': { status: 422, issue: 'code-invalid', text: 'The system is the canonical of a value set; a code has the system that defines it.' },
  'code-system-relative': { status: 422, issue: 'code-invalid', text: 'The system of a code must be an absolute URI.' },
  'code-system-slip': { status: 422, issue: 'code-invalid', text: 'The system is written otherwise than the code system is named: {system}.' },
  'code-without-system': { status: 422, issue: 'code-invalid', text: 'A code without a system means nothing by itself; name the system.' },
  'unit-unknown': { status: 422, issue: 'code-invalid', text: 'The code is no unit of UCUM (http://unitsofmeasure.org).' },
  'identifier-system': { status: 422, issue: 'value', text: 'The identifier {reason}.' },
  'value-missing': { status: 422, issue: 'required', text: '{element} must have a value; an extension does not stand in for it.' },
  'value-alternative-missing': { status: 422, issue: 'required', text: '{element} must have a value, or one of these extensions in its place: {extensions}.' },
  'definition-senseless': { status: 422, issue: 'invalid', text: 'The definition makes no sense here: {reason}.' },
  'search-expression': { status: 422, issue: 'invalid', text: 'The expression selects nothing in resources of the base types.' },
  'attachment-size': { status: 422, issue: 'value', text: 'The size of the attachment must be that of its data: {size} bytes.' },
  'validation-stopped': { status: 422, issue: 'too-costly', text: 'Checking stopped {reason}. There may be more that is wrong.' },
  'profile-unknown': { status: 422, issue: 'not-found', text: 'The profile is not known here, so conformance to it was not checked.' },
  'profile-type': { status: 422, issue: 'structure', text: 'The profile {profile} is one of {type}; this is a resource of another type.' },
  'profile-none': { status: 422, issue: 'structure', text: 'The value conforms to none of these profiles: {profiles}.' },
  'profile-unusable': { status: 422, issue: 'not-supported', text: 'The definition {profile} cannot be used, so conformance to it was not checked: {reason}.' },

  // Subscriptions
  'subscription-topic-unknown': { status: 422, issue: 'not-supported', text: 'This server has no topic of that canonical; Subscription.criteria is one of those in its CapabilityStatement.' },
  'subscription-channel': { status: 422, issue: 'not-supported', text: 'Notifications go out by rest-hook alone.' },
  'subscription-content': { status: 422, issue: 'not-supported', text: 'Notifications of this topic are sent here with this content: {offered}.' },
  'subscription-payload': { status: 422, issue: 'not-supported', text: 'Notifications are sent as application/fhir+json or application/fhir+xml, in FHIR R4.' },
  'subscription-filter-unknown': { status: 422, issue: 'not-supported', text: 'The topic has no such filter; it can be filtered by: {offered}.' },
  'subscription-filter-invalid': { status: 422, issue: 'value', text: 'The filters of the Subscription are not valid: {reason}.' },
  'subscription-endpoint-missing': { status: 422, issue: 'required', text: 'A Subscription to a rest-hook needs the address that is called.' },
  'subscription-header': { status: 422, issue: 'value', text: 'A header is "Name: value", and none that is about the connection (Host, Content-Length and so on); a value that was read here is good again for the same endpoint alone.' },
  'subscription-extension': { status: 422, issue: 'not-supported', text: 'Extensions for elements of other FHIR versions are not read in a Subscription; the guide of the backport has its own.' },
  'subscription-number': { status: 422, issue: 'value', text: '{what} must be from {least} to {most}.' },
  'subscription-ended': { status: 422, issue: 'business-rule', text: 'The Subscription has ended already: Subscription.end is past.' },
  'subscription-of-another': { status: 403, issue: 'security', text: 'A Subscription is made and changed by the system that it is for.' },

  // Calls to addresses that clients give
  'outbound-refused': { status: 422, issue: 'security', text: 'The address is not called by this server: {reason}.' },
  'outbound-failed': { status: 502, issue: 'transient', text: 'The address was not reached: {reason}.' },

  // The server itself
  'overloaded': { status: 503, issue: 'transient', text: 'The server is stopping or overloaded; try again.' },
  'outcome-unknown': { status: 503, issue: 'transient', text: 'The connection to the store was lost while the change was being made: it may have been made or not. Read before you repeat.' },
  'store-unavailable': { status: 503, issue: 'transient', text: 'The store does not answer; nothing was changed. Try again.' },
  'store-full': { status: 507, issue: 'no-store', text: 'The store has no space left; nothing was changed.' },
  'internal': { status: 500, issue: 'exception', text: 'The server failed. Nothing was changed; the fault is logged under {request}.' },
});

export type ProblemCode = keyof typeof catalogue;
export type ProblemDetails = Readonly<Record<string, string | number>>;

/** One thing wrong, and where. */
export interface ProblemIssue {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
  /** FHIRPath of the element, from the resource (or Bundle) that was sent. */
  readonly expression?: string;
  readonly severity?: 'error' | 'warning' | 'information';
  /** Canonical with version of the definition that is not met, where it is one. */
  readonly profile?: string;
  /** Key of the constraint that does not hold. */
  readonly constraint?: string;
}

/** A refusal with one reason or several; the first decides the HTTP status. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly issues: readonly [ProblemIssue, ...ProblemIssue[]];

  constructor(code: ProblemCode, details: ProblemDetails = {}, expression?: string, options?: ErrorOptions) {
    super(textOf({ code, details }), options);
    this.issues = [{ code, details, ...(expression === undefined ? {} : { expression }) }];
  }

  /** A refusal for all of `issues` together. */
  static of(issues: readonly [ProblemIssue, ...ProblemIssue[]]): Problem {
    const [first] = issues;
    const problem = new Problem(first.code, first.details, first.expression);
    (problem as { issues: readonly ProblemIssue[] }).issues = issues;
    return problem;
  }

  /** The same refusal, said of `expression` where nothing is said about a place yet. */
  located(expression: string | undefined): Problem {
    if (expression === undefined || this.issues.some((issue) => issue.expression !== undefined)) return this;
    const [first, ...more] = this.issues;
    return Problem.of([{ ...first, expression }, ...more.map((issue) => ({ ...issue, expression }))]);
  }

  get code(): ProblemCode {
    return this.issues[0].code;
  }

  get status(): number {
    return catalogue[this.code].status;
  }
}

/** The sentence a person reads, with the details filled in. */
export function textOf(issue: Pick<ProblemIssue, 'code' | 'details'>): string {
  return catalogue[issue.code].text.replace(/\{(\w+)\}/g, (_, name: string) => String(issue.details[name] ?? `{${name}}`));
}
