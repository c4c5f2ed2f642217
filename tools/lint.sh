#!/bin/sh
# Formatting, static analysis, and the project's own rules. Ends with a line
# `total: N passed, N failed`, one a check and file group.
set -u
cd "$(dirname "$0")/.." || exit 1
log=build/lint.log
passed=0
failed=0

check() {
    name=$1
    shift
    if "$@" >"$log" 2>&1; then
        passed=$((passed + 1))
        echo "ok    $name"
    else
        failed=$((failed + 1))
        echo "FAIL  $name"
        tail -n 40 "$log"
    fi
}

sources() {
    git ls-files '*.c' '*.h' '*.cpp'
}

format() {
    sources | xargs clang-format --dry-run -Werror
}

shell() {
    git ls-files '*.sh' dev .ci/run | xargs shellcheck
}

static_analysis() {
    cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --language=c \
        --enable=warning,portability --suppress=missingIncludeSystem \
        --suppress=unknownMacro --suppress=ctuuninitvar --suppress=normalCheckLevelMaxBranches \
        -I src -I include -D_POSIX_C_SOURCE=200809L src/*/*.c
}

tidy() {
    git ls-files 'src/*.c' | xargs -P "$(nproc)" -n 8 clang-tidy --quiet -p build --warnings-as-errors='*' \
        --checks='-*,readability-braces-around-statements,bugprone-suspicious-*,bugprone-infinite-loop,bugprone-unused-return-value,clang-analyzer-unix.*,-bugprone-suspicious-include'
}

# What would be wrong in any text of this project.
words() {
    ! git grep -nIE 'https?://[^/ ]*(pypi|pythonhosted|npmjs|crates\.io|proxy\.golang|deb\.debian|repo[0-9]*\.maven|maven\.org)[^/ ]*' -- . \
        ':!tools/lint.sh' ':!tests/conformance/cases'
}

python_compiles() {
    git ls-files '*.py' ':!tests/data' | xargs /usr/bin/python3 -c '
import ast, sys
for path in sys.argv[1:]:
    ast.parse(open(path, encoding="utf-8").read(), path)'
}

check "clang-format" format
check "shellcheck" shell
check "cppcheck" static_analysis
check "clang-tidy" tidy
check "no registry hosts" words
check "Python parses" python_compiles
check "recipes" /usr/bin/python3 tools/recipes.py --check
check "rooms" /usr/bin/python3 tools/check_rooms.py build
echo "total: $passed passed, $failed failed"
[ "$failed" = 0 ]
