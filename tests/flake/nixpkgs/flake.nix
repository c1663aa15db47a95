# As much of nixpkgs as firn's flake.nix asks for, to evaluate it and try its postInstall without a
# network. The tests put the program that was compiled beside it, as `firn`.
{
  outputs =
    { self }:
    let
      lib = {
        genAttrs = names: make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
        importTOML = file: builtins.fromTOML (builtins.readFile file);
        optionalString = condition: text: if condition then text else "";
        licenses = {
          mit = "MIT";
          asl20 = "Apache-2.0";
        };
        platforms.unix = [ "unix" ];
      };

      packagesFor =
        system:
        let
          pkgs = {
            inherit lib;
            stdenv = {
              buildPlatform.canExecute = platform: platform == system;
              hostPlatform = system;
            };
            installShellFiles = "installShellFiles";
            clippy = "clippy";
            rust-analyzer = "rust-analyzer";
            rustfmt = "rustfmt";

            # Compiles nothing: takes the program, then does what postInstall says.
            rustPlatform.buildRustPackage =
              arguments:
              derivation {
                name = "${arguments.pname}-${arguments.version}";
                inherit system;
                inherit (arguments) postInstall;
                program = ./firn;
                builder = "/bin/bash";
                args = [ ./builder.sh ];
              }
              // {
                inherit (arguments) meta;
                recorded = arguments;
              };
            mkShell =
              arguments:
              derivation {
                name = "shell";
                inherit system;
                builder = "/bin/bash";
              }
              // {
                recorded = arguments;
              };
            callPackage = make: more: make (builtins.intersectAttrs (builtins.functionArgs make) pkgs // more);
          };
        in
        pkgs;
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ] packagesFor;
    };
}
