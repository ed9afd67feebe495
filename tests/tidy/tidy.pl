# The rules of docs/STYLE.md that a program can check; tidy.sh calls it.
#   perl tidy.pl SOURCE [BUILD]
use strict;
use warnings;
use utf8;
use open qw(:std :utf8);
use Encode qw(decode);

my ($source, $build) = @ARGV;
chdir $source or die "$source: $!";
my $faults = 0;

sub complain {
    my ($where, $what) = @_;
    print "$where: $what\n";
    $faults++;
}

sub slurp {
    my ($file) = @_;
    open my $in, '<', $file or return '';
    binmode $in, ':raw';
    local $/;
    return decode('UTF-8', <$in> // '');
}

my @all = `git ls-files --cached --others --exclude-standard 2>/dev/null`;
@all = `find . -path ./build -prune -o -name node_modules -prune -o -type f -print` if $? != 0;
chomp @all;
s|^\./|| for @all;
@all = grep { -f } @all;

my @code = grep { /\.[ch]$/ } @all;
my @own = grep { m{^(runtime|agents|roles|cli)/[^/]*\.[ch]$|^include/moot/} } @code;
my @scripts = grep { /\.(sh|pl|py|mjs)$|CMakeLists\.txt$|^\.ci\/run$/ } @all;
my @pure = grep { m{^(agents|roles)/(?!crew)|^runtime/(run|policy)(_\w+)?\.} } @own;
my (%text, %plain);

# The code line for line without comments and without the insides of strings.
sub strip {
    my ($t) = @_;
    $t =~ s{(^[ \t]*\#[ ]*include[^\n]*)|("(?:[^"\\\n]|\\.)*")|('(?:[^'\\\n]|\\.)*')|(/\*.*?\*/)|(//[^\n]*)}
           {defined $1 ? $1 : defined $2 ? '""' : defined $3 ? "''" : defined $4 ? "\n" x ($4 =~ tr/\n//) : ''}gmse;
    return $t;
}
for my $f (@code) {
    $text{$f} = slurp($f);
    $plain{$f} = strip($text{$f});
}

sub search {
    my ($what, $pattern, @files) = @_;
    for my $f (@files) {
        my $n = 0;
        for my $line (split /\n/, $plain{$f}) {
            $n++;
            complain("$f:$n", "$what: $line") if $line =~ $pattern;
        }
    }
}

# 1. The top level.
my %top = map { (split m{/})[0] => 1 } @all;
my %known = map { $_ => 1 } qw(CMakeLists.txt CMakePresets.json agents runtime roles examples tests docs
    README.md include cli LICENSE);
/^\./ || $known{$_} || complain($_, 'does not belong to the top level') for sort keys %top;

# 2. Include direction.
sub rank {
    my ($f) = @_;
    return $f =~ m{^(include/moot|examples)/} ? 0 : $f =~ m{^runtime/} ? 1 : $f =~ m{^agents/} ? 2
        : $f =~ m{^roles/crew} ? 4 : $f =~ m{^roles/} ? 3 : $f =~ m{^cli/} ? 5 : 9;
}
# What the pure floors may know of runtime/.
my %pure_header = map { $_ => 1 } qw(status buf bounds price sm json decimal hash utf8 regex schema shortform expr template
    effects scope trim near map turns code tally votes);
my %run_header = (%pure_header, map { $_ => 1 } qw(message run policy request));
for my $f (@code) {
    my $n = 0;
    for my $line (split /\n/, $plain{$f}) {
        $n++;
        next unless $line =~ /^ *# *include "([^"]*)"/;
        my $included = $1;
        my $target = $included =~ m{^moot/} ? "include/$included" : $included;
        my ($base) = $target =~ m{([^/]*)\.h$};
        complain("$f:$n", "\"$included\" is no path from the root of the tree") unless -f $target;
        complain("$f:$n", "\"$included\" stands above this floor") if rank($target) > rank($f);
        next unless grep { $_ eq $f } @pure;
        my $allowed = $f =~ m{^runtime/} ? \%run_header : \%pure_header;
        complain("$f:$n", "\"$included\" is not pure") if $target =~ m{^runtime/} && !$allowed->{$base // ''};
        complain("$f:$n", '"moot/crew.h" is for watchers') if $target eq 'include/moot/crew.h';
    }
}
search('the public API needs the C standard library alone',
    qr/^ *# *include <(?!(stddef|stdint|stdbool|stdarg|stdio|limits|inttypes)\.h>)/, grep { /^include/ } @own);

# 3. One home for each third-party header.
my @homes = (
    [qr/cjson\//, qr{^runtime/json\w*\.c$}], [qr/sodium/, qr{^runtime/(sign|hash)\w*\.c$}],
    [qr/curl\//, qr{^runtime/(http|mail)\w*\.[ch]$}], [qr/uv\.h/, qr{^runtime/loop\w*\.[ch]$}],
    [qr/sqlite3/, qr{^runtime/journal\w*\.[ch]$}], [qr/libfyaml/, qr{^runtime/yaml\w*\.[ch]$}],
    [qr/libxml\//, qr{^runtime/page\w*\.[ch]$}], [qr/utf8proc/, qr{^runtime/utf8\.c$}],
    [qr/pcre2/, qr{^runtime/regex\.c$}], [qr/seccomp/, qr{^runtime/sandbox\w*\.c$}],
    [qr/editline|histedit/, qr{^cli/typing\.c$}], [qr/md4c/, qr{^cli/markdown\.c$}],
);
for my $home (@homes) {
    my ($header, $files) = @$home;
    search('another file is the home of this header', qr/^ *# *include <$header/, grep { $_ !~ $files } @own);
}

# 4. Calls and words that have no place here.
my $banned = join '|', qw(strcpy strcat sprintf vsprintf strncpy strncat gets strtok atoi atol atoll atof system
    popen alloca tmpnam mktemp);
search('a banned call (banned.h says what instead)', qr/\b($banned)\(/, grep { $_ ne 'runtime/banned.h' } @own);
search('no typedef of a struct', qr/\btypedef (struct|union|enum)\b/, @own);
search('a static function has no prefix', qr/^static .*\bmoot__\w+\(/, @own);
search('integers and ratios only', qr/\b(float|double)\b/, @pure);
search('a pure floor does no I/O and knows no time',
    qr/(?<![\w.>])(time|clock|clock_gettime|gettimeofday|rand|random|getenv|open|fopen|printf|fprintf|puts)\(/, @pure);
my $marker = join '|', 'TO' . 'DO', 'FIX' . 'ME', 'X' . 'XX', 'HA' . 'CK';
for my $f (@own, @scripts) {
    my $n = 0;
    for my $line (split /\n/, slurp($f)) {
        $n++;
        complain("$f:$n", 'a leftover marker') if $line =~ /\b($marker)\b/;
        complain("$f:$n", 'a tab, or space at the end of the line') if $line =~ /\t| $/;
        complain("$f:$n", 'more than 130 columns') if length $line > 130;
    }
}

# 5. Sizes.
for my $f (@code, @scripts) {
    my $lines = () = slurp($f) =~ /\n/g;
    complain($f, "$lines lines; 800 at most") if $lines > 800;
}
for my $f (@code) {
    my ($n, $start) = (0, 0);
    for my $line (split /\n/, $text{$f}) {
        $n++;
        complain("$f:$n", 'more than 100 columns') if length $line > 100;
        $start = $n if $line eq '{';
        next unless $line =~ /^\}/ && $start;
        complain("$f:$start", $n - $start - 1 . ' lines; a function has 70 at most') if $n - $start - 1 > 70;
        $start = 0;
    }
}

# 6. File names are unique; a public header may bear the name of what it is the face of.
my %named;
m{([^/]*)$} && push @{$named{$1}}, $_ for grep { !m{^include/moot/} } @code;
@{$named{$_}} > 1 && complain(join(' ', @{$named{$_}}), 'the same name') for sort keys %named;

# 7. Every file has its unit test: X_y.c that of X.c if it has none of its own.
my %tested = map { m{^tests/(?:unit|sim)/test_(\w+)\.c$} ? ($1 => 1) : () } @code;
# A scenario that drives several files at once names them: "Also of: fold.c run.c".
for my $t (grep { m{^tests/sim/test_\w+\.c$} } @code) {
    open my $in, '<', $t or next;
    local $/;
    my ($also) = <$in> =~ m{Also of: ([\w. ]+)};
    $tested{$_} = 1 for map { s{\.c$}{}r } split ' ', $also // '';
}
for my $f (grep { m{^(runtime|agents|roles|cli)/.*\.c$} } @own) {
    my ($name) = $f =~ m{([^/]*)\.c$};
    next if $f =~ m{^cli/(main|cmd_\w+)\.c$};    # tests/e2e is theirs
    my $short = $name;
    while (!$tested{$short} && $short =~ s/_[^_]*$//) { }
    complain($f, "no unit test tests/unit/test_$name.c") if !$tested{$short} && !grep { /^${short}_/ } keys %tested;
}

# 8. The tree knows nothing of the machine it was made on, and fetches nothing by itself.
my $machine = join '|', '/wo' . 'rk/', 'regis' . 'try\.npmjs', 'pypi\.or' . 'g', 'deb\.debi' . 'an', 'crates\.i' . 'o';
for my $f (grep { !/\.(html|sse|bin)$/ && -T } @all) {
    my $n = 0;
    for my $line (split /\n/, slurp($f)) {
        $n++;
        complain("$f:$n", 'a path or host of one machine') if $line =~ /$machine/;
    }
}

# 9. Names that other programs would see. (What the pure floors may call: pure.sh.)
if (defined $build) {
    for my $archive (glob "$build/libmoot_*.a") {
        my %names = map { /^[0-9a-f]+ [A-Z] (\S+)/ ? ($1 => 1) : () } `nm -g --defined-only '$archive' 2>/dev/null`;
        /^(moot_|__asan|__odr_asan|__ubsan)/ || complain($archive, "$_ lacks the prefix moot_") for sort keys %names;
    }
}

if ($faults > 0) {
    print "$faults faults\n";
    exit 1;
}
print 'tidy: ', scalar @own, " files of code, no fault\n";
