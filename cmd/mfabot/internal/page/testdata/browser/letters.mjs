// Opens letters in Chromium, as mail programs show them, and prints what is wrong with each: a line each, nothing where all
// is well.
//
//	node letters.mjs FOLDER SCREENSHOTS
//
// The folder has a letter in each file. Screenshots are left out where no folder is named for them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { faults, invalid, launch, listen } from "./browser.mjs";

// What mail programs make of a letter. Many drop <style>; webmail puts what stood in <body> into a page of its own, with a style of
// its own.
const sheetless = (source) => source.replace(/<style>[^]*?<\/style>/g, "");
const webmail = (source) => sheetless(source)
	.replace("</head>", "<style>body { margin: 0; font: 13px/1 'Times New Roman'; color: #777777; text-align: center; } " +
		"#message { text-align: start; }</style></head><body><div id=\"message\">")
	.replace("<body", "<div").replace("</body>", "</div></div></body>");

// The ways in which a letter is looked at. text is the size of the text, of the usual; axe the rules by which it is looked at; answers
// says that it is as wide as a phone is for whom the answers must be at hand.
const ways = {
	wide: { width: 1000, like: true },
	dark: { width: 375, colorScheme: "dark", axe: ["color-contrast"], answers: true },
	phone: { width: 320, axe: [] },
	large: { width: 320, text: 2 },
	"no-sheet": { width: 320, as: sheetless },
	"no-sheet-large": { width: 320, as: sheetless, text: 2 },
	webmail: { width: 1000, as: webmail, like: true },
	"webmail-large": { width: 320, as: webmail, text: 2 },
};

// enlarge makes all text larger, in the page.
function enlarge(by) {
	const sizes = [...document.body.querySelectorAll("*")].map((e) => [e, parseFloat(getComputedStyle(e).fontSize)]);
	for (const [e, size] of sizes) e.style.setProperty("font-size", size * by + "px", "important");
}

// overflows is what is wider than the window, in the page.
function overflows() {
	const root = document.documentElement;
	if (root.scrollWidth <= root.clientWidth) return [];
	const wide = [...document.body.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1);
	return [`is ${root.scrollWidth} wide in ${root.clientWidth}: ${wide.map((e) => e.outerHTML).pop()?.slice(0, 200)}`];
}

// far is what is too far below to be at hand on a phone, in the page: the answers of a reviewer end within its first screen, and
// those to one of several requests within a screen of its heading, but for the height of what warns or tells of more before them,
// which is to be read first.
function far() {
	const screen = 600, found = [];
	const top = (e) => e.getBoundingClientRect().top, end = (e) => e.getBoundingClientRect().bottom;
	const check = (what, from, parts, last) => {
		const read = parts.filter((e) => e.matches("p, ul") && !e.querySelector("a[href^='mailto:']"));
		const warns = read.some((e) => e.matches("ul") || e.querySelector("strong"));
		const room = warns ? read.reduce((sum, e) => sum + top(e.nextElementSibling) - top(e), 0) : 0;
		if (end(last) - from - room > screen) found.push(`${what} end ${end(last) - from - room} below its top, and not within ${screen}`);
	};
	const buttons = [...document.querySelectorAll("td.button")];
	if (buttons.length >= 3) {
		const answers = buttons[0].closest("table"), parts = [...answers.parentElement.children];
		check("the answers", 0, parts.slice(0, parts.indexOf(answers)), buttons.at(-1));
	}
	for (const heading of document.querySelectorAll("h3")) {
		const parts = [];
		for (let e = heading.nextElementSibling; e && !e.matches("h2, h3"); e = e.nextElementSibling) parts.push(e);
		const last = parts.findLast((e) => e.querySelector("a[href^='mailto:']"));
		if (last) check(`the answers to "${heading.textContent.slice(0, 40)}"`, top(heading), parts.slice(0, parts.indexOf(last)), last);
	}
	return found;
}

// styles is how each piece of text looks, in the page.
function styles() {
	const found = [];
	const walk = document.createTreeWalker(document.querySelector("[role=article]"), NodeFilter.SHOW_TEXT);
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		if (!n.data.trim() || !n.parentElement.checkVisibility()) continue;
		const s = getComputedStyle(n.parentElement);
		found.push([n.data.trim().slice(0, 40), s.fontFamily, s.fontSize, s.lineHeight, s.fontWeight, s.color, s.textAlign].join("; "));
	}
	return found;
}

// look returns what is wrong with a letter in one way, and how its text looks. The facts of a strange one are as long as can be.
async function look({ page, heard, how }, source, strange) {
	heard.wrong.length = heard.asked.length = 0;
	await page.setContent(how.as ? how.as(source) : source);
	if (how.text) await page.evaluate(enlarge, how.text);
	const wrong = await page.evaluate(overflows);
	if (how.axe) wrong.push(...await faults(page, ...how.axe));
	if (how.answers && !strange) wrong.push(...await page.evaluate(far));
	wrong.push(...heard.wrong, ...heard.asked.map((url) => "it loads " + url));
	return { wrong, looks: how.like ? await page.evaluate(styles) : [] };
}

// reader is a window for each of the ways.
async function reader(browser) {
	return Promise.all(Object.entries(ways).map(async ([name, how]) => {
		const context = await browser.newContext({ viewport: { width: how.width, height: 800 }, colorScheme: how.colorScheme ?? "light" });
		const page = await context.newPage();
		return { name, how, page, heard: listen(page) };
	}));
}

// read looks at a letter in every way.
async function read(windows, name, source, screenshots) {
	const wrong = (await invalid(source)).map((w) => `${name}: ${w}`);
	let first;
	for (const window of windows) {
		const { wrong: found, looks } = await look(window, source, /^(hostile|long)-/.test(name));
		if (screenshots) await window.page.screenshot({ path: join(screenshots, `${name}-${window.name}.png`), fullPage: true });
		if (window.how.like) {
			const other = first && looks.find((line, i) => line !== first[i]);
			if (other) found.push(`it looks different: ${other}`);
			if (!looks.length || looks.some((line) => !line.includes("Arial"))) found.push("it has no style");
			first ??= looks;
		}
		wrong.push(...found.map((w) => `${name}, ${window.name}: ${w}`));
	}
	return wrong;
}

const [folder, screenshots] = process.argv.slice(2);
const files = readdirSync(folder).filter((file) => file.endsWith(".html")).sort();
const browser = await launch();
try {
	const readers = await Promise.all([reader(browser), reader(browser), reader(browser)]);
	await Promise.all(readers.map(async (windows) => {
		for (let file = files.shift(); file; file = files.shift()) {
			const wrong = await read(windows, file.slice(0, -".html".length), readFileSync(join(folder, file), "utf8"), screenshots);
			for (const line of wrong) console.log(line);
		}
	}));
} finally {
	await browser.close();
}
