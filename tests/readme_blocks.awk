# Turns the ```cpp blocks of a page into programs that a test compiles and runs:
#   awk -v out=PREFIX -f readme_blocks.awk README.md
# A block with `int main` becomes PREFIX_<line>.cpp as it stands. All others share PREFIX.cpp: each in a function of its
# own, or, where it defines functions, in a namespace of its own. #line makes the compiler speak of lines of the page.
function finish() {
  if (body ~ /(^|\n)int main\(/) {
    file = out "_" start ".cpp"
    printf "#line %d \"%s\"\n%s", start + 1, FILENAME, body > file
    close(file)
    return
  }
  n = split(body, lines, "\n")
  text = ""
  defines = 0
  for (i = 1; i <= n; i++) {
    if (lines[i] ~ /^#include/) {
      includes = includes lines[i] "\n"
      lines[i] = ""
    }
    if (lines[i] ~ /^[A-Za-z].*\) *(const)? *\{/ && lines[i] !~ /^(if|for|while|switch|else|do|auto|struct|class|namespace)[ (]/)
      defines = 1
    text = text lines[i] "\n"
  }
  space = "block_" start
  open = defines ? "namespace " space " {" : "static void " space "() {"
  code = code open "\n" sprintf("#line %d \"%s\"\n", start + 1, FILENAME) text "}\n"
  if (!defines) calls = calls sprintf("  std::puts(\"%s:%d\");\n  %s();\n", FILENAME, start, space)
}
/^```/ {
  if (inside) {
    if (wanted) finish()
    inside = 0
  } else {
    inside = 1
    wanted = $0 == "```cpp"
    start = NR
    body = ""
  }
  next
}
inside { body = body $0 "\n" }
END {
  if (code == "") exit
  printf "#include <taper/taper.h>\n#include <cstdio>\n%s%sint main() {\n%s}\n", includes, code, calls > (out ".cpp")
}
