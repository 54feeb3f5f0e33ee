// Opens pages in Chromium, as people see them, and prints what is wrong with each: a line each, nothing where all is well.
//
//	node look.mjs FOLDER NAME=URL ...
//
// Screenshots go into the folder, unless that is empty.
import { join } from "node:path";
import { faults, invalid, launch, listen } from "./browser.mjs";

// The ways in which a page is looked at. text is the size of the text, of the usual.
const ways = {
	wide: { width: 1280 },
	narrow: { width: 320 },
	dark: { width: 1280, colorScheme: "dark" },
	"narrow-dark": { width: 320, colorScheme: "dark" },
	large: { width: 1280, text: "200%" },
	"narrow-large": { width: 640, text: "200%" },
	contrast: { width: 1280, forcedColors: "active" },
	print: { width: 794, media: "print" },
	"no-script": { width: 1280, javaScriptEnabled: false },
};

// overflows is what is wider than the window, or stands out of the chart, in the page.
function overflows() {
	const found = [];
	const root = document.documentElement;
	if (root.scrollWidth > root.clientWidth) found.push(`is ${root.scrollWidth} wide in ${root.clientWidth}`);
	for (const svg of document.querySelectorAll("svg")) {
		const room = svg.getBoundingClientRect();
		for (const e of svg.querySelectorAll("text, rect")) {
			const r = e.getBoundingClientRect();
			if (r.right > room.right + 1 || r.bottom > room.bottom + 1 || r.left < room.left - 1 || r.top < room.top - 1)
				found.push(`the chart cuts off ${e.textContent || "a bar"}`);
		}
		const texts = [...svg.querySelectorAll("text")].map((e) => [e.textContent, e.getBoundingClientRect()]);
		texts.forEach(([a, r], i) =>
			texts.slice(i + 1).forEach(([b, s]) => {
				if (r.left < s.right && s.left < r.right && r.top + 2 < s.bottom && s.top + 2 < r.bottom) found.push(`${a} is upon ${b}`);
			}));
	}
	return found;
}

// look returns what is wrong with a page in one way.
async function look(browser, folder, name, url, way, how) {
	const { width, text, media, forcedColors, ...options } = how;
	const context = await browser.newContext({ viewport: { width, height: 900 }, ...options });
	const page = await context.newPage();
	await page.emulateMedia({ media: media ?? "screen", forcedColors: forcedColors ?? "none" });
	const { wrong, asked } = listen(page);
	const answer = await page.goto(url, { waitUntil: "load" });
	if (answer.status() !== 200) wrong.push("status " + answer.status());
	if (asked.length !== 1) wrong.push("it loads " + asked.slice(1).join(", "));
	if (text) await page.evaluate((size) => { document.documentElement.style.fontSize = size; }, text);
	wrong.push(...await page.evaluate(overflows));
	if ((await page.evaluate(() => getComputedStyle(document.body).fontFamily)) !== "Arial, sans-serif") wrong.push("it has no style");
	if (options.javaScriptEnabled !== false) {
		wrong.push(...await faults(page));
	}
	if (way === "wide") wrong.push(...await invalid(await answer.text()));
	if (folder) await page.screenshot({ path: join(folder, `${name}-${way}.png`), fullPage: true });
	if (way === "wide") wrong.push(...await keys(page, folder && join(folder, `${name}-focus.png`)));
	await context.close();
	return wrong.map((w) => `${name}, ${way}: ${w}`);
}

// keys is what is wrong for somebody who has only a keyboard.
async function keys(page, file) {
	const wrong = [];
	const at = () => page.evaluate(() => document.activeElement.className || document.activeElement.id);
	await page.keyboard.press("Tab");
	if (await at() !== "skip") wrong.push("the first stop is " + await at());
	if (file) await page.screenshot({ path: file });
	await page.keyboard.press("Enter");
	if (await at() !== "main" && await page.evaluate(() => document.activeElement.tagName) !== "MAIN") wrong.push("skipping leads to " + await at());
	await page.keyboard.press("Tab");
	if (!(await at()).startsWith("scroll")) wrong.push("the stop behind that is " + await at());
	return wrong;
}

const [folder, ...pages] = process.argv.slice(2);
const browser = await launch();
try {
	for (const page of pages) {
		const [name, url] = [page.slice(0, page.indexOf("=")), page.slice(page.indexOf("=") + 1)];
		for (const [way, how] of Object.entries(ways)) {
			for (const line of await look(browser, folder, name, url, way, how)) console.log(line);
		}
	}
} finally {
	await browser.close();
}
