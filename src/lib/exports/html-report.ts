import type { Report, SecondOpinion } from '../../../workers/report';
import { CATEGORY_INFO } from '../categories';
import {
  formatBytes,
  formatElapsed,
  formatProbability,
  formatRange,
  formatScore,
  formatTime,
} from '../format';
import { describeTestSet, figureRows, type Figures } from '../model-card';
import type { ReportDocument } from '../report-document';
import { matchMarks, type Review } from '../review/review';
import { BAND_WORDS, explainProbability, NOT_CHECKED } from '../verdict';
import { listTraces, type ListedTrace } from './listed-traces';
import { Markup, markup } from './markup';
import { timelineSvg } from './timeline-svg';

/** Pictures of a trace as data URLs. */
export type EmbeddedStill = { traceId: string; timeSeconds: number; frameUrl: string; cropUrl: string };

/** What an HTML report is made of, beside the report itself. */
export type HtmlReportParts = {
  /** Nothing when the video is not at hand. */
  stills: EmbeddedStill[] | undefined;
  /** Measured figures of the model; every one may be missing. */
  figures: Figures;
  /** When the report is made. */
  madeAt: Date;
};

/** Nothing is loaded and nothing runs, whoever opens the file: pictures and styles are inside. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

const STYLE = `
:root{color-scheme:light}*{box-sizing:border-box}
body{max-width:60rem;margin:0 auto;padding:2rem 1.25rem;background:#fff;color:#1b1f23;font:16px/1.5 Arial,sans-serif}h1,.verdict,.facts td{overflow-wrap:anywhere}
h1,h2,h3{font-family:Georgia,serif;line-height:1.2;break-after:avoid}h1{margin:0;font-size:1.75rem}h2{margin:2rem 0 .5rem;font-size:1.25rem}h3{margin:0;font-size:1.0625rem}
p,ul{margin:.5rem 0}.soft{color:#535960}.verdict{margin-top:1.25rem;padding:1rem 1.25rem;border:1px solid #dcd7cb;border-left:6px solid #735800}
.substantial-evidence{border-left-color:#a13a12}.no-strong-signs{border-left-color:#37567d}.verdict h2{margin-top:0}.probability{font:600 2rem/1.1 Georgia,serif}
table{width:100%;border-collapse:collapse;font-size:.875rem}th,td{padding:.375rem .75rem .375rem 0;border-bottom:1px solid #dcd7cb;text-align:left;vertical-align:top}thead{display:table-header-group}tr{break-inside:avoid}
.facts th{width:12rem;font-weight:600}.mono{font-family:Consolas,Menlo,monospace;font-size:.8125rem}svg,img{display:block;max-width:100%;height:auto}
.trace{margin:1rem 0;padding-top:1rem;border-top:1px solid #dcd7cb;break-inside:avoid}.pictures{display:flex;gap:.75rem;align-items:flex-start;margin-top:.5rem}figure{min-width:0;max-width:64%;margin:0}
figure img{max-height:24rem}figure+figure{max-width:33%}figcaption{color:#535960;font-size:.8125rem}
.human{border-left:4px solid #0b5966;padding-left:.75rem}.tag{display:inline-block;padding:0 .375rem;border:1px solid #857e70;border-radius:3px;font-size:.75rem;white-space:nowrap}blockquote{margin:.5rem 0;padding-left:.75rem;border-left:3px solid #dcd7cb;white-space:pre-wrap;overflow-wrap:anywhere}
@media print{@page{margin:16mm}body{max-width:none;padding:0;font-size:10.5pt}figure img{max-height:62mm}}
`;

/** A report as one HTML file that opens anywhere without network and prints well. Every text in it is escaped. */
export function toHtml(report: ReportDocument, { stills, figures, madeAt }: HtmlReportParts): string {
  const { file, verdict, warnings, humanReview, secondOpinions } = report;
  const traces = listTraces(report);
  const found = report.traces.length;
  const words = BAND_WORDS[verdict.band];
  const made = madeAt.toISOString();
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${file.name} – Tellscope report</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<p class="soft">Tellscope report, made on <time datetime="${made}">${utc(made)}</time></p>
<h1>${file.name}</h1>
</header>
<main>
<section class="verdict ${verdict.band}">
<h2>${words.title}</h2>
<p><span class="probability">${formatProbability(verdict.fakeProbability)}</span> probability of generation, according to the model</p>
<p>${explainProbability(verdict, figures)}</p>
${list(verdict.reasons)}
${warnings.length > 0 ? markup`<h3>Keep in mind</h3>${list(warnings)}` : ''}
</section>
<p>This is evidence, not proof. Tellscope errs in both directions, and no tool can show from the picture alone that a video is real.</p>
<h2>Timeline</h2>
${timelineSvg(report)}
<h2>Traces (${found} found by the model${traces.length > found ? `, ${traces.length - found} described by a person` : ''})</h2>
${traces.length > 0 ? traceTable(traces) : markup`<p>No single place stood out.</p>`}
${stills || traces.length === 0 ? '' : markup`<p class="soft">Without pictures: the video was not at hand when this report was made.</p>`}
${traces.map((trace) => traceSection(trace, stills ?? []))}
${humanReview ? reviewSection(report, humanReview) : ''}
${secondOpinions.length > 0 ? markup`<h2>Second opinions</h2><p class="soft">Other, general models were asked about the clip. Their answers are no part of the verdict.</p>${secondOpinions.map(opinionSection)}` : ''}
<h2>What was not checked</h2>
<ul>${NOT_CHECKED.map(({ topic, detail }) => markup`<li><strong>${topic}.</strong> ${detail}</li>`)}</ul>
<h2>How good the model is</h2>
${figureTable(figures)}
<h2>Method</h2>
<p>The video was decoded and judged by a small neural network on the machine it was opened on; nothing was uploaded. Six frames a second are looked at in overlapping windows of about two seconds that never span a hard cut. Places where an artifact is suspected are linked over time into traces, each with one of the nine categories of DeeptraceReward (arXiv 2509.22646). The probability is calibrated on clips the network was not trained on; a trace’s score is the network’s confidence in that trace and no probability that the clip is generated.</p>
<h2>For the record</h2>
${facts(report)}
</main>
</body>
</html>
`.text;
}

function list(items: string[]): Markup {
  return items.length > 0 ? markup`<ul>${items.map((item) => markup`<li>${item}</li>`)}</ul>` : markup``;
}

function traceTable(traces: ListedTrace[]): Markup {
  const rows = traces.map(
    (trace, index) =>
      markup`<tr><td>${index + 1}</td><td>${CATEGORY_INFO[trace.category].name} ${origin(trace)}</td><td>${trace.score === undefined ? '–' : formatScore(trace.score)}</td><td>${formatRange(trace.startSeconds, trace.endSeconds)}</td><td>${trace.box.map((edge) => Math.round(edge)).join(', ')}</td><td>${trace.explanation}</td></tr>`,
  );
  return markup`<table><thead><tr><th scope="col">#</th><th scope="col">Category</th><th scope="col">Score</th><th scope="col">Time</th><th scope="col">Box (pixels)</th><th scope="col">What is to be seen</th></tr></thead><tbody>${rows}</tbody></table>`;
}

/** Nobody must take a person's word for the model's, or the other way round. */
function origin({ madeBy, decision }: ListedTrace): Markup {
  if (madeBy === 'human') {
    return markup`<span class="tag">marked by a person</span>`;
  }
  return decision ? markup`<span class="tag">${decision} by a person</span>` : markup``;
}

function traceSection(trace: ListedTrace, stills: EmbeddedStill[]): Markup {
  const still = stills.find(({ traceId }) => traceId === trace.id);
  if (!still) {
    return markup``;
  }
  const name = CATEGORY_INFO[trace.category].name;
  const at = formatTime(still.timeSeconds, 2);
  const score = trace.score === undefined ? '' : `, score ${formatScore(trace.score)}`;
  return markup`<section class="trace"><h3>${name}, ${formatRange(trace.startSeconds, trace.endSeconds)} ${origin(trace)}</h3><p>${trace.explanation}</p><div class="pictures"><figure><img src="${still.frameUrl}" alt="The frame at ${at} with the box of the trace"><figcaption>Frame at ${at}${score}</figcaption></figure><figure><img src="${still.cropUrl}" alt="The place of the trace, enlarged"><figcaption>The place itself</figcaption></figure></div></section>`;
}

function reviewSection({ traces }: Report, review: Review): Markup {
  const { marks, added, reviewer, changedAt } = review;
  const { orphans } = matchMarks(review, traces);
  const items = marks.map((mark) => {
    const { category, startSeconds, endSeconds } = mark.trace;
    const gone = orphans.includes(mark) ? ' (this trace is not in this report)' : '';
    const words = mark.words === '' ? '' : `: “${mark.words}”`;
    return `${CATEGORY_INFO[category].name}, ${formatRange(startSeconds, endSeconds)}${gone}: ${mark.decision}${words}`;
  });
  const found = added.map(
    ({ trace }) =>
      `${CATEGORY_INFO[trace.category].name}, ${formatRange(trace.startSeconds, trace.endSeconds)}: added${trace.words === '' ? '' : `: “${trace.words}”`}`,
  );
  const by = reviewer === undefined ? 'a person who is not named' : reviewer;
  return markup`<section class="human"><h2>Human review</h2><p>By ${by}, last changed on ${utc(changedAt)}. What stands here was said by a person, not by the model; the verdict above does not take it into account.</p>${list([...items, ...found])}</section>`;
}

function opinionSection({
  model,
  question,
  answerText,
  parsed,
  malformed,
  seconds,
  createdAt,
}: SecondOpinion): Markup {
  const reading = parsed
    ? `Read as ${parsed.label === 'FAKE' ? 'generated' : 'real'}${parsed.traces.length > 0 ? `, with ${parsed.traces.length} ${parsed.traces.length === 1 ? 'trace' : 'traces'}` : ''}.`
    : 'The answer could not be read as a verdict.';
  return markup`<section class="trace"><h3>${model.name}</h3><p class="soft">${model.id}, ${model.dtype}, from ${model.source}; ${utc(createdAt)}, ${formatElapsed(seconds)}</p><p><strong>Asked:</strong> ${question}</p><blockquote>${answerText}</blockquote><p>${reading}${malformed ? ' It does not keep to the form that was asked for.' : ''}</p></section>`;
}

function utc(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}

function figureTable(figures: Figures): Markup {
  const rows = figureRows(figures);
  if (rows.length === 0) {
    return markup`<p>No figures of this model version have been measured, or they could not be read.</p>`;
  }
  const testSet = describeTestSet(figures) ?? '';
  const cells = rows.map(
    ({ label, value, note }) =>
      markup`<tr><th scope="row">${label}</th><td>${value}</td><td>${note}</td></tr>`,
  );
  return markup`<p>${testSet}</p><table class="facts"><tbody>${cells}</tbody></table>`;
}

function facts({
  app,
  analysedAt,
  browser,
  file,
  video,
  model,
  settings,
  timing,
  cuts,
  schema,
}: Report): Markup {
  const { bands, requestedBackend } = settings;
  const brands = browser.brands.map(({ name, version }) => `${name} ${version}`).join(', ');
  const rows: [label: string, value: string, mono?: boolean][] = [
    ['File', `${file.name}, ${formatBytes(file.bytes)} (${file.bytes} bytes)`],
    ['SHA-256 of the file', file.sha256, true],
    [
      'Video',
      `${video.container}, ${video.codec}, ${video.width} × ${video.height}, ${formatTime(video.durationSeconds, 2)}, ${video.frameCount} frames, ${video.averageFrameRate.toFixed(2)} per second`,
    ],
    ['Hard cuts', cuts.length > 0 ? cuts.map((cut) => formatTime(cut, 2)).join(', ') : 'none found'],
    ['Analysed', utc(analysedAt)],
    ['Model', `${model.id} ${model.version}, ${model.precision}, on ${model.backend}`],
    ['SHA-256 of the model', model.sha256, true],
    [
      'Settings',
      `${settings.framesPerSecond} frames a second in windows of ${settings.windowFrames}, ${settings.hopFrames} apart, at ${settings.shortSide} pixels; traces from a score of ${settings.traceThreshold} (${settings.likelyTraceThreshold} in a likely generated clip); substantial evidence from ${bands.substantialEvidence}, no strong signs up to ${bands.noStrongSigns}; backend asked for: ${requestedBackend}`,
    ],
    ['Time spent', formatElapsed(timing.totalSeconds)],
    ['Program', `${app.name} ${app.version}, report format ${schema}`],
    ['Browser', [brands, browser.platform, browser.userAgent].filter((part) => part !== '').join('; ')],
  ];
  const cells = rows.map(
    ([label, value, mono]) =>
      markup`<tr><th scope="row">${label}</th><td class="${mono ? 'mono' : ''}">${value}</td></tr>`,
  );
  return markup`<table class="facts"><tbody>${cells}</tbody></table>`;
}
