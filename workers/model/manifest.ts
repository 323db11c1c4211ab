import * as v from 'valibot';
import { TellscopeError } from '../errors';
import { CATEGORIES } from '../report';

const Positive = v.pipe(v.number(), v.gtValue(0));
const Count = v.pipe(v.number(), v.integer(), v.minValue(1));
const Fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const Shape = v.pipe(v.array(Count), v.minLength(1));

const GoldenOutput = v.pipe(
  v.object({ indices: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))), values: v.array(v.number()) }),
  v.check(
    ({ indices, values }) => indices.length === values.length && indices.length > 0,
    'one value an index',
  ),
);

const Golden = v.object({
  /** The only golden input so far: see `latticeInput`. */
  input: v.literal('lattice'),
  /** Largest allowed |difference| of an output value, relative to 1 + |value|. */
  tolerance: Positive,
  outputs: v.record(v.string(), GoldenOutput),
});

const fileEntries = {
  file: v.pipe(v.string(), v.regex(/^[\w.-]+$/, 'a plain file name')),
  bytes: Count,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
};

const sessionEntries = {
  ...fileEntries,
  outputs: v.record(v.string(), Shape),
  golden: Golden,
};

const TraceSession = v.object({
  ...sessionEntries,
  input: v.object({
    name: v.string(),
    /** `[samples, 3, size, size]`. */
    shape: v.tuple([Count, v.literal(3), Count, Count]),
    fit: v.literal('letterbox'),
    /** Grey level of the field around the frame, 0..255. */
    fill: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  }),
  /** Input pixels a cell of the output grid covers. */
  stride: Count,
});

const ForensicSession = v.object({
  ...sessionEntries,
  input: v.object({
    name: v.string(),
    /** `[crops, 3, size, size]`. */
    shape: v.tuple([Count, v.literal(3), Count, Count]),
    fit: v.literal('crops'),
    /** `[sample of the window, x, y]` a crop; x and y say where between the frame's edges it lies, 0..1. */
    anchors: v.array(v.tuple([v.pipe(v.number(), v.integer(), v.minValue(0)), Fraction, Fraction])),
  }),
});

const ExplainerSession = v.object({
  ...sessionEntries,
  input: v.object({
    name: v.string(),
    /** `[1, 1, 1, values]`: features of a trace, its slots, the decoder's state and a one-hot token, in this order. */
    shape: v.tuple([v.literal(1), v.literal(1), v.literal(1), Count]),
    features: Count,
    slots: Count,
    state: Count,
    tokens: Count,
  }),
  vocabulary: v.object(fileEntries),
  /** Least mean log-likelihoods of a token, and of a noun, below which the grammar sentence is shown. */
  bars: v.object({ sentence: v.number(), noun: v.number() }),
  /** Whether sentences of the decoder are shown at all. */
  enabled: v.boolean(),
  /** Cells a side of the trace session's `context` output, which the features are pooled from. */
  cells: Count,
});

/** A measured figure with its bootstrap 95 % interval, where one was computed. */
const Figure = v.object({ value: v.number(), low: v.optional(v.number()), high: v.optional(v.number()) });

const Figures = v.object({
  testSet: v.optional(
    v.object({
      generated: Count,
      real: Count,
      generatedFamilies: v.array(v.string()),
      description: v.string(),
    }),
  ),
  auc: v.optional(Figure),
  truePositiveRateAt5: v.optional(Figure),
  accuracy: v.optional(Figure),
  fakeAccuracy: v.optional(Figure),
  realAccuracy: v.optional(Figure),
  /** Real test clips that landed in `substantial-evidence`, with the upper Clopper-Pearson 95 % bound. */
  realFlagged: v.optional(
    v.object({ count: v.number(), of: v.number(), rate: v.number(), upper95: v.number() }),
  ),
  realFlaggedStockBroadcast: v.optional(v.object({ count: v.number(), of: v.number() })),
  /** Generated test clips that landed in `substantial-evidence`. */
  generatedFound: v.optional(v.object({ count: v.number(), of: v.number(), rate: v.number() })),
  boxIou: v.optional(Figure),
  centreBoxIou: v.optional(Figure),
  wholeFrameIou: v.optional(Figure),
  timeDistance: v.optional(Figure),
  timeDistanceStartAtZero: v.optional(Figure),
  categoryMacroF1: v.optional(Figure),
  ece: v.optional(Figure),
  /** Traces drawn in a minute of real test video. */
  falseTracesPerRealMinute: v.optional(Figure),
});

const VERDICT_FEATURES = [
  'verdictLogitMean',
  'verdictLogitMax',
  'forensicLogitMean',
  'forensicLogitTop',
  'traceScoreMax',
] as const;

/** Names of the clip-level numbers the verdict's logistic regression may use. */
export type VerdictFeature = (typeof VERDICT_FEATURES)[number];

const ManifestSchema = v.object({
  schema: v.literal('tracenet-model/1'),
  id: v.string(),
  version: v.string(),
  precision: v.string(),
  releasedAt: v.string(),
  sampling: v.object({ framesPerSecond: Positive, windowFrames: Count, hopFrames: Count }),
  /** Frames are scaled down to this short side, in pixels, before anything else. Never up. */
  canonicalShortSide: Count,
  categories: v.strictTuple(CATEGORIES.map((category) => v.literal(category))),
  /** Coarse nouns the `subject` output chooses from. */
  subjects: v.pipe(v.array(v.string()), v.minLength(1)),
  sessions: v.object({ trace: TraceSession, forensic: ForensicSession }),
  /** Puts a trace into words. Models up to 0.1.2 have none: every sentence is then built from measured slots. */
  explainer: v.optional(ExplainerSession),
  decoding: v.object({
    /** Cells below this objectness are not looked at. */
    candidateThreshold: Fraction,
    maxPerSample: Count,
    nmsIou: Fraction,
    linkIou: Fraction,
    /** Samples a tube may go unseen. */
    maxGap: v.pipe(v.number(), v.integer(), v.minValue(0)),
    minSamples: Count,
    /** Traces below this score are not shown ... */
    traceThreshold: Fraction,
    /** ... except in a clip that is likely generated: there this score is enough. */
    likelyTraceThreshold: Fraction,
    /** From this probability on a clip counts as likely generated, and its best trace is shown however weak it is. */
    likelyProbability: Fraction,
    /** Of two traces that are on screen together and overlap by more than this, the weaker one is dropped. */
    duplicateIou: Fraction,
    /** 0: onset and offset are where the tube begins and ends; 1: what the boundary output says. */
    boundaryBlend: Fraction,
    /** A tube that begins or ends this close to a limit of its segment, in seconds, reaches to that limit. */
    edgeSlack: v.pipe(v.number(), v.minValue(0)),
    /** Added to the logarithm of each category's score before the highest is taken. */
    categoryBias: v.pipe(v.array(v.number()), v.length(CATEGORIES.length)),
    maxTraces: Count,
  }),
  verdict: v.object({
    bias: v.number(),
    weights: v.partial(v.object(v.entriesFromList(VERDICT_FEATURES, v.number()))),
    /** Probabilities at and above / at and below which a band is given. */
    bands: v.object({ substantialEvidence: Fraction, noStrongSigns: Fraction }),
  }),
  figures: Figures,
  data: v.object({
    description: v.string(),
    /** Month of the newest training material, `YYYY-MM`. */
    until: v.string(),
    generatorFamiliesTrained: v.array(v.string()),
    annotation: v.string(),
  }),
});

/** The contract between a model's files and the app: `public/models/tracenet/model.json`. */
export type Manifest = v.InferOutput<typeof ManifestSchema>;

/** How the outputs of the trace session are turned into traces. */
export type DecodingSettings = Manifest['decoding'];

/** One file of a model. */
export type FileSpec = Pick<Manifest['sessions']['trace'], 'file' | 'bytes' | 'sha256'>;

/** The part of a manifest that describes the explainer. */
export type ExplainerSpec = NonNullable<Manifest['explainer']>;

/** Any of a manifest's sessions. */
export type SessionSpec = Manifest['sessions']['trace'] | Manifest['sessions']['forensic'] | ExplainerSpec;

/** Names of all files that belong to a manifest, in the order of their first use. */
export function modelFiles({ sessions, explainer }: Manifest): string[] {
  const words = explainer ? [explainer, explainer.vocabulary] : [];
  return [...Object.values(sessions), ...words].map(({ file }) => file);
}

/**
 * Reads a manifest strictly.
 *
 * @throws {TellscopeError} `model-altered` naming the first field that is not as it should be.
 */
export function parseManifest(text: string): Manifest {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new TellscopeError(
      'model-altered',
      'The model manifest is not JSON: the installation is damaged. Install Tellscope again.',
      { cause: error },
    );
  }
  const result = v.safeParse(ManifestSchema, data);
  if (result.success) {
    return result.output;
  }
  const [issue] = result.issues;
  throw new TellscopeError(
    'model-altered',
    `The model manifest is not as expected at "${v.getDotPath(issue) ?? 'its root'}": ${issue.message}. ` +
      'Install Tellscope again.',
  );
}
