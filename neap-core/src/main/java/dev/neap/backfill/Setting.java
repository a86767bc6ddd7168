package dev.neap.backfill;

/**
 * One value of a backfill and where it came from.
 *
 * @param key the key in the file, with dots: `pace.rate`
 * @param value the value as it is written, without secrets
 * @param origin `flag --rate`, `environment NEAP_RATE`, `file fix.yaml:12`, `profile prod` or `default`
 */
public record Setting(String key, String value, String origin) {}
