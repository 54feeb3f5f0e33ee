// Taps every link of letters in Chromium, and prints what it hands to the mail program: for each letter a line, a JSON list.
//
//	node taps.mjs FILE ...
import { readFileSync } from "node:fs";
import { launch } from "./browser.mjs";

const browser = await launch();
try {
	const page = await browser.newPage({ viewport: { width: 375, height: 800 } });
	for (const file of process.argv.slice(2)) {
		await page.setContent(readFileSync(file, "utf8"));
		const handed = [];
		for (const link of await page.locator("a[href^='mailto:']").all()) {
			const asked = page.waitForRequest((request) => request.url().startsWith("mailto:"));
			await link.click({ noWaitAfter: true });
			handed.push((await asked).url());
		}
		console.log(JSON.stringify(handed));
	}
} finally {
	await browser.close();
}
