// What the scripts beside this one share: the browser, axe and html-validate.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// launch starts Debian's Chromium.
export const launch = () => chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

// listen collects what a page must never do, and what it asks for.
export function listen(page) {
	const heard = { wrong: [], asked: [] };
	page.on("console", (m) => heard.wrong.push("the console says " + m.text()));
	page.on("pageerror", (e) => heard.wrong.push("a script fails: " + e.message));
	page.on("dialog", async (d) => { heard.wrong.push("a script runs: " + d.message()); await d.dismiss(); });
	page.on("request", (r) => heard.asked.push(r.url()));
	return heard;
}

// faults is what axe finds, by all rules of WCAG and of good practice, or by the rules that are named.
export async function faults(page, ...rules) {
	await page.evaluate(axe + "; undefined");
	const only = rules.length ? { type: "rule", values: rules } : { type: "tag", values: tags };
	const result = await page.evaluate((runOnly) => axe.run(document, { runOnly, resultTypes: ["violations"] }), only);
	const found = result.violations.map((v) => `axe: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.html).join(" | ").slice(0, 300)}`);
	if (result.passes.length < (rules.length || 15)) found.push(`axe looked only at ${result.passes.length} rules`);
	return found;
}

// What html-validate advises against and mail programs need: webmail drops style sheets, and turns elements that it does not
// know into others; Outlook reads its own comments, and the attributes of 1999. A table that is shown as cards must say that it is
// one, or it is none to a screen reader.
const needed = ["no-inline-style", "no-conditional-comment", "prefer-native-element", "no-deprecated-attr", "no-redundant-role"];

const validator = new HtmlValidate({
	root: true,
	extends: ["html-validate:recommended"],
	rules: Object.fromEntries(needed.map((rule) => [rule, "off"])),
});

// invalid is what html-validate finds in a source.
export async function invalid(source) {
	const report = await validator.validateString(source);
	return report.results.flatMap((r) => r.messages).map((m) => `html-validate: ${m.ruleId}: ${m.message} (line ${m.line})`);
}
