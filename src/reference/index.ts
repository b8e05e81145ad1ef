/**
 * What programs can ask of this server, told: the OpenAPI document, and readable pages made from it and from the table of
 * errors. It knows no operation and no endpoint by name; what it is given is what it shows.
 */
export { referenceRoutes } from './routes.ts';
