// The part of OpenAPI 3.1 that our document uses.

/** JSON Schema 2020-12: the keywords that a reader of this document needs by name, and any other. */
export type Schema = {
  readonly $ref?: string;
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
};

export type Parameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
  readonly example?: unknown;
};

/** Something that stands elsewhere in the document. */
export type Reference = { readonly $ref: string };

export type Example = { readonly summary?: string; readonly value: unknown };

/** One kind of content: a schema, and an example or several. */
export type Media = {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Example | Reference>>;
};

export type Content = Readonly<Record<string, Media>>;

export type Response = {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: Schema }>>;
  readonly content?: Content;
};

export type Responses = Readonly<Record<string, Response | Reference>>;

export type Operation = {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Responses;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  /** Who may call: the roles of the contract's access option. */
  readonly "x-roles"?: readonly string[];
  /** Whether a customer or guest reaches only what is theirs. */
  readonly "x-owner"?: boolean;
};

/** Operations of a path by their verb in lower case. */
export type PathItem = Readonly<Record<string, Operation>>;

export type Tag = { readonly name: string; readonly description: string };

export type OpenApi = {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly tags: readonly Tag[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly securitySchemes: Readonly<Record<string, object>>;
    readonly schemas: Readonly<Record<string, Schema>>;
    readonly examples: Readonly<Record<string, Example>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
};
