# The builder of the stub: the functions of installShellFiles as far as they are used, then the
# package's own postInstall. There is no home, as in a real build.
set -eu
export PATH=/usr/bin:/bin HOME=/homeless-shelter

installShellCompletion() {
    local name= shell= folder file
    while [[ $# -gt 0 ]]; do
        case $1 in
            --cmd) name=$2; shift ;;
            --bash) shell=bash ;;
            --fish) shell=fish ;;
            --zsh) shell=zsh ;;
            *)
                case $shell in
                    bash) file=share/bash-completion/completions/$name.bash ;;
                    fish) file=share/fish/vendor_completions.d/$name.fish ;;
                    zsh) file=share/zsh/site-functions/_$name ;;
                esac
                folder=$(dirname "$out/$file")
                mkdir -p "$folder"
                cp "$1" "$out/$file"
                ;;
        esac
        shift
    done
}

installManPage() {
    local page
    for page in "$@"; do
        mkdir -p "$out/share/man/man${page##*.}"
        cp "$page" "$out/share/man/man${page##*.}/"
    done
}

mkdir -p "$out/bin"
cp "$program" "$out/bin/firn"
eval "$postInstall"
