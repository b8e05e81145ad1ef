/**
 * Every word on the pages. Each entry is whole: a translation may reorder, and replaces `{placeholders}` by name. Where
 * a number decides the form of a sentence, there is one entry for each form that Intl.PluralRules knows in the language.
 */
export const english = {
  lang: 'en',
  dir: 'ltr',
  title: '{heading} · {brand}',
  /** Put before the title when something typed was wrong, for those who hear the title first. */
  errorTitle: 'Error: {title}',
  /** The logo's replacement for those who do not see it. */
  brandLogo: '{brand}',
  opensNewTab: '(opens in a new tab)',

  login: {
    heading: 'Sign in',
    intro: 'to continue to {client}',
    email: 'E-mail address',
    password: 'Password',
    submit: 'Sign in',
    cancel: 'Cancel and go back to {client}',
    wrong: 'That e-mail address and password do not go together. Check both and try again.',
    throttled: {
      one: 'There were too many attempts. Wait {count} minute, then try again.',
      other: 'There were too many attempts. Wait {count} minutes, then try again.',
    },
  },

  account: {
    signedInAs: 'Signed in as {email}',
    switch: 'Use another account',
  },

  organization: {
    heading: 'Choose an organization',
    intro: '{client} will act for the organization that you choose, and for no other.',
    legend: 'Your organizations',
    submit: 'Continue',
    cancel: 'Cancel and go back to {client}',
    roles: { owner: 'Owner', admin: 'Admin', developer: 'Developer', viewer: 'Viewer' },
  },

  noOrganization: {
    foreignHeading: 'You do not belong to this organization',
    foreignIntro:
      '{client} asks to act for an organization that you are no member of. Ask an owner of it to add {email}, or use another account.',
    heading: 'You belong to no organization yet',
    intro: '{client} needs an organization to act for. Ask an owner of yours to add {email}, or use another account.',
    cancel: 'Go back to {client}',
  },

  consent: {
    heading: '{client} asks for access',
    verified: 'Verified by {brand}',
    unverified: '{brand} has not verified this application. Allow it only if you know and trust who runs it.',
    unverifiedAt:
      '{brand} has not verified this application. All that is known of it is that {host} publishes it. Allow it only if you know and trust who runs it.',
    actingFor: 'Acting for {organization}',
    scopesHeading: 'It will be able to',
    profile: 'Your profile',
    required: 'Always included',
    optionalHint: 'Uncheck what you do not want to allow. The application may work less well without it.',
    destination: {
      web: 'You will be sent back to {host}.',
      loopback: 'You will be sent back to a program on this computer, at {host}.',
      app: 'You will be sent back to the app on this device that opens {scheme} links.',
    },
    warning: {
      loopback:
        'Any program on this computer could claim to be {client}. Go on only if you have just started this yourself.',
      app: 'Another app on this device could claim to be {client}. Go on only if you have just started this yourself.',
    },
    allow: 'Allow',
    deny: 'Deny',
    policy: 'Privacy policy of {client}',
    terms: 'Terms of {client}',
  },

  logout: {
    heading: 'Do you want to sign out?',
    introClient: '{client} asks to sign you out of {brand} in this browser.',
    intro: 'This signs you out of {brand} in this browser.',
    submit: 'Sign out',
    stay: 'Stay signed in',
  },

  signedOut: {
    heading: 'You are signed out',
    stayedHeading: 'You are still signed in',
    stayedIntro: 'Nothing was changed. You can close this window.',
    intro: 'It is safe to close this window.',
    back: 'Go back to {client}',
  },

  error: {
    requestId: 'Request id',
    requestIdHint: 'Support can find out more with it.',
    backToClient: 'Go back to {client}',
    startAgain: 'Start again',
  },

  errors: {
    other_browser: {
      heading: 'This was begun in another browser',
      sentence: 'For your safety a sign-in can only be finished in the browser that it was begun in.',
      advice:
        'Go back to the application in this browser and sign in from there. If somebody sent you this link, do not go on: they may want to get into your account.',
    },
    expired: {
      heading: 'This took too long',
      sentence: 'The request has expired. Nothing was allowed.',
      advice: 'Go back to the application and sign in again.',
    },
    answered: {
      heading: 'This has been answered already',
      sentence: 'Each request can be answered once. Yours was answered before, perhaps in another tab.',
      advice: 'Go back to the application. If you are not signed in there, start again.',
    },
    stale_form: {
      heading: 'This page is out of date',
      sentence: 'It does not belong to what is going on in this browser now. Nothing was sent.',
      advice: 'Go back to the application and start again. Cookies must be allowed for this site.',
    },
    unknown_client: {
      heading: 'The application is not known here',
      sentence: 'The link that brought you here names an application that does not exist or has been switched off.',
      advice: 'Nothing is wrong with your account. Tell the people who run the application.',
    },
    unverified_client: {
      heading: 'This cannot go on',
      sentence: 'An application that nobody here has verified sent you, and what it asks for cannot be done.',
      advice: 'Go back to it only if you know and trust who runs it. If you did not expect this page, close it.',
    },
    bad_redirect: {
      heading: 'The application gave a wrong address',
      sentence: 'It asks to send you to an address that it has not registered, so you stay here.',
      advice: 'Nothing is wrong with your account. Tell the people who run the application.',
    },
    invalid_request: {
      heading: 'The application made a mistake',
      sentence: 'What it asks for cannot be understood, so nothing was done.',
      advice: 'Nothing is wrong with your account. Tell the people who run the application.',
    },
    not_found: {
      heading: 'There is nothing here',
      sentence: 'The address is not complete, or it has never led anywhere.',
      advice: 'Go back to the application and start from there.',
    },
    unavailable: {
      heading: 'Not available right now',
      sentence: 'A part of this server does not answer.',
      advice: 'Wait a moment, then reload this page.',
    },
    server_error: {
      heading: 'Something went wrong here',
      sentence: 'It is not your fault, and we have a record of it.',
      advice: 'Try again in a moment. If it happens again, tell support the request id.',
    },
  },
} as const;

/** The same keys, other words. */
type Translated<Texts> = {
  readonly [Key in keyof Texts]: Texts[Key] extends string ? string : Translated<Texts[Key]>;
};

export type Texts = Translated<typeof english>;
export type ErrorName = keyof Texts['errors'];
