// CQL to ELM, by the translator of the CQL project. Its models are those of CQL itself (beside this file) and of FHIR
// 4.0.1 (from cql-exec-fhir). Annotations and locators are left out: clients run the ELM, people read the CQL.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CqlCompilerOptions, CqlTranslator, createLibrarySourceProvider, createModelInfoProvider, LibraryManager, ModelManager, stringAsSource } from '@cqframework/cql/cql-to-elm';

const require = createRequire(import.meta.url);
const models = {
  System: () => readFileSync(new URL('system-modelinfo.xml', import.meta.url), 'utf8'),
  FHIR: () => readFileSync(join(require.resolve('cql-exec-fhir'), '..', 'modelInfos', 'fhir-modelinfo-4.0.1.xml'), 'utf8'),
};

/**
 * @param {string} cql
 * @param {(name: string) => string | undefined} libraryNamed text of a library that is included
 * @returns {object} the ELM
 * @throws {Error} with every error of the translator, by line
 */
export function translateCql(cql, libraryNamed) {
  const modelManager = new ModelManager();
  modelManager.modelInfoLoader.registerModelInfoProvider(createModelInfoProvider((id) => (Object.hasOwn(models, id) ? stringAsSource(models[id]()) : undefined)));
  const options = CqlCompilerOptions.defaultOptions();
  options.options.asJsSetView().clear();
  options.setOptions([CqlCompilerOptions.Options.DisableListDemotion, CqlCompilerOptions.Options.DisableListPromotion]);
  const libraryManager = new LibraryManager(modelManager, options);
  libraryManager.librarySourceLoader.registerProvider(createLibrarySourceProvider((id) => {
    const text = libraryNamed(id);
    return text === undefined ? undefined : stringAsSource(text);
  }));
  const translator = CqlTranslator.fromText(cql, libraryManager);
  const errors = translator.errors.asJsReadonlyArrayView().map(({ message, locator }) => `${locator?.startLine ?? '?'}: ${message}`);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return JSON.parse(translator.toJson());
}
