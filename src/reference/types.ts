/** How the pages look, as they are given it: see the pages for people. */
export interface Frame {
  readonly lang: string;
  readonly dir: string;
  /** Path of the stylesheet. */
  readonly stylesheet: string;
  readonly brand: {
    readonly name: string;
    readonly initial: string;
    /** Path of the logo. */
    readonly logo: string | undefined;
    readonly alt: string;
  };
}

/** The kind of a value, in words; with the anchor of its description where it has one of its own. */
export interface TypeView {
  readonly text: string;
  readonly href: string | undefined;
}

/** A member of an object, or a parameter. */
export interface MemberView {
  readonly name: string;
  readonly type: TypeView;
  readonly required: boolean;
  /** Bounds and defaults, in words. */
  readonly rules: string;
  /** In words, with code between backquotes already marked up. */
  readonly description: string;
}

export interface AnswerView {
  readonly status: string;
  readonly description: string;
  readonly mediaTypes: string;
  readonly type: TypeView | undefined;
  readonly members: readonly MemberView[];
}

export interface OperationView {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  /** Ways to prove who calls, in words. */
  readonly proofs: readonly string[];
  readonly parameters: ReadonlyArray<MemberView & { readonly place: string }>;
  readonly body:
    | { readonly required: boolean; readonly mediaTypes: string; readonly type: TypeView | undefined }
    | undefined;
  readonly bodyMembers: readonly MemberView[];
  readonly answers: readonly AnswerView[];
  /** Refusals, in short. */
  readonly refusals: ReadonlyArray<{ readonly status: string; readonly description: string }>;
}

export interface GroupView {
  readonly name: string;
  readonly anchor: string;
  readonly description: string;
  readonly operations: readonly OperationView[];
}

export interface SchemaView {
  readonly name: string;
  readonly anchor: string;
  readonly description: string;
  readonly members: readonly MemberView[];
}

/** All that the page of the reference says. */
export interface ReferenceView {
  readonly version: string;
  readonly introduction: string;
  readonly servers: ReadonlyArray<{ readonly url: string; readonly description: string }>;
  readonly groups: readonly GroupView[];
  readonly schemas: readonly SchemaView[];
}
