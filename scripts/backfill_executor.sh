#!/usr/bin/env bash
# Validates or runs a backfill from environment variables. docs/commands.md says what each of them means.
set -euo pipefail

usage() {
  printf 'backfill_executor: %s\n' "$1" >&2
  printf 'Usage: [NEAP_FILE=backfill.yaml] [BATCH_SIZE=n] [TARGET_TABLE=name] [BACKFILL_DRY_RUN=true] %s --mode=validate|run [--output=FILE]\n' "$0" >&2
  exit 2
}

mode=
output=
for argument in "$@"; do
  case $argument in
    --mode=*) mode=${argument#*=} ;;
    --output=*) output=${argument#*=} ;;
    *) usage "unknown argument '$argument'" ;;
  esac
done
case $mode in
  validate | run) ;;
  '') usage "no mode is given; write --mode=validate or --mode=run" ;;
  *) usage "unknown mode '$mode'; there are validate and run" ;;
esac

dry_run=${BACKFILL_DRY_RUN:-false}
case $dry_run in
  true | false) ;;
  *) usage "BACKFILL_DRY_RUN is '$dry_run'; it can be true or false" ;;
esac

file=${NEAP_FILE:-./backfill.yaml}
[ -f "$file" ] || usage "there is no file $file; NEAP_FILE names the backfill file"

options=()
if [ -n "${BATCH_SIZE:-}" ]; then
  [[ $BATCH_SIZE =~ ^[1-9][0-9]{0,8}$ ]] || usage "BATCH_SIZE is '$BATCH_SIZE'; it must be a number of rows, 1 or more"
  options+=(--batch-rows "$BATCH_SIZE")
fi

neap=${NEAP:-$(cd -P "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/neap}

if [ -n "${TARGET_TABLE:-}" ]; then
  configured=$("$neap" config "$file") || exit $?
  tables=$(awk '$1 ~ /(^|\.)(from|into|table)$/ && $1 !~ /(keys|partitions)\.from$/ { print $2 }' <<<"$configured")
  # A table without a schema is one of public.
  if ! sed 's/^public\.//' <<<"$tables" | grep -Fxq -e "${TARGET_TABLE#public.}"; then
    usage "TARGET_TABLE is '$TARGET_TABLE', and $file is about $(paste -sd, - <<<"$tables" | sed 's/,/, /g')"
  fi
fi

if [ -n "$output" ]; then
  options+=(--output "$output")
fi
# An empty array is "unbound" to the bash of macOS.
set -- ${options[@]+"${options[@]}"}
case $mode in
  validate) exec "$neap" plan "$file" --explain --json "$@" ;;
  run)
    if [ "$dry_run" = true ]; then
      exec "$neap" run "$file" --dry-run --json "$@"
    fi
    exec "$neap" run "$file" --yes --json "$@"
    ;;
esac
