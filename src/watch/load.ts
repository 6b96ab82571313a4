import { existsSync } from "node:fs";
import { type Config, loadConfig, parseConfig } from "../config/config.ts";
import { CONFIG_FILE, type Command, type Options } from "./command.ts";
import { mergeOptions, type WatchOptions } from "./merge.ts";

/** The configuration with the command line over it, or what is wrong with it; the default file may be absent. */
export function loadOptions(
	command: Command,
	options: Options,
): WatchOptions | string[] {
	const file = options.config ?? CONFIG_FILE;
	const isAbsent = options.config === undefined && !existsSync(file);
	const config: Config | string[] = isAbsent
		? parseConfig(file, "")
		: loadConfig(file);
	return Array.isArray(config)
		? config
		: mergeOptions(command, options, config);
}
