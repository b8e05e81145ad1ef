import type { z } from 'zod';
import type { Description } from '../types.ts';

/** A JSON Schema, as OpenAPI 3.1 has it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Reference {
  readonly $ref: string;
}

export interface Content {
  readonly [mediaType: string]: { readonly schema: JsonSchema };
}

export interface AnswerObject {
  readonly description: string;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Content;
}

/** OpenAPI's Operation Object, as far as it is used here. */
export interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  /** Whether it is for those alone who run the server. */
  readonly 'x-operator-only'?: true;
  /** Any of these. */
  readonly security: ReadonlyArray<Readonly<Record<string, readonly string[]>>>;
  readonly parameters?: ReadonlyArray<Parameter | Reference>;
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, AnswerObject | Reference>>;
}

/** An OpenAPI 3.1 document. */
export interface OpenapiDocument {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly servers: ReadonlyArray<{ readonly url: string; readonly description: string }>;
  readonly tags: readonly Tag[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly parameters: Readonly<Record<string, Parameter>>;
    readonly headers: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, AnswerObject>>;
    readonly securitySchemes: Readonly<Record<string, JsonSchema>>;
  };
}

/** A heading under which operations stand. */
export interface Tag {
  readonly name: string;
  readonly description: string;
}

/** How somebody may prove who they are; `none`: without any proof. */
export type Proof = 'apiKey' | 'apiKeyPair' | 'clientSecret' | 'none';

/**
 * An endpoint that is not made from a description, such as one of the protocol's, described by hand. Tests hold what it
 * answers against its schemas.
 */
export interface Endpoint extends Pick<Description, 'id' | 'path' | 'tag' | 'summary' | 'description'> {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** Any of these. */
  readonly proofs: readonly Proof[];
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: { readonly schema: z.ZodType; readonly mediaTypes: readonly string[]; readonly optional?: boolean };
  readonly answers: Readonly<Record<number, EndpointAnswer>>;
  /** Statuses of refusals, and in which dialect they are told. */
  readonly refusals: readonly number[];
  readonly dialect: 'oauth' | 'management' | 'twilio';
}

export interface EndpointAnswer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Default: application/json. */
  readonly mediaType?: string;
}
