#!/usr/bin/env bash
# Print the folder that holds `prometheus` and `promtool`: of the system if it has them, else of
# Debian's package, unpacked once into the cache folder. Exit code 75: the package cannot be had.
set -euo pipefail

if prometheus=$(command -v prometheus) && command -v promtool >/dev/null; then
  dirname "$prometheus"
  exit 0
fi

cache=${XDG_CACHE_HOME:-$HOME/.cache}/riskengine
tools=$cache/prometheus/usr/bin
if [[ ! -x $tools/prometheus || ! -x $tools/promtool ]]; then
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  chmod 755 "$work"
  if ! (
    cd "$work"
    apt-get download prometheus || { apt-get update && apt-get download prometheus; }
    dpkg -x prometheus_*.deb unpacked
  ) >"$work/log" 2>&1; then
    tail -n 5 "$work/log" >&2
    exit 75
  fi
  # Another run may have been faster; its copy is as good.
  mv -T "$work/unpacked" "$cache/prometheus" 2>/dev/null || [[ -x $tools/prometheus ]]
fi
echo "$tools"
