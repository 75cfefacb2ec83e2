/** Addresses of the demo plan's forms. */
export const demoForms = 'https://priora.health/demo';
export const formsVersion = '1.0.0';

export const questionnaireUrl = (name: string): string => `${demoForms}/Questionnaire/${name}`;
export const libraryUrl = (name: string): string => `${demoForms}/Library/${name}`;
