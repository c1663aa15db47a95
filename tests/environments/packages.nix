# Packages for tests, as a package collection has them: several outputs, `meta`, `outputSpecified` on
# what is selected. They build with /bin/sh.
{
  zlib ? "1.2.11",
}:
let
  make =
    name: outputs: script:
    let
      base = derivation {
        inherit name outputs;
        system = builtins.currentSystem or "x86_64-linux";
        builder = "/bin/sh";
        PATH = "/usr/bin:/bin";
        args = [
          "-c"
          script
        ];
      };
      select = output: {
        name = output;
        value = base.${output} // {
          outputSpecified = true;
          inherit outputs;
        };
      };
    in
    base
    // {
      meta.outputsToInstall = [ "out" ];
      outputSpecified = false;
    }
    // builtins.listToAttrs (map select outputs);
  tool = name: make name [ "out" ] "mkdir -p $out/bin; echo ${name} > $out/bin/$(echo ${name} | sed s/-.*//)";
in
{
  libjpeg =
    make "libjpeg-9e"
      [
        "out"
        "dev"
      ]
      "mkdir -p $out/lib $dev/include; echo jpeg > $out/lib/libjpeg.so; echo jpeg > $dev/include/jpeglib.h";
  zlib = make "zlib-${zlib}" [
    "out"
    "dev"
    "static"
  ] ''
    mkdir -p $out/lib $out/share/man/man3 $dev/include $dev/lib/pkgconfig $static/lib
    echo ${zlib} > $out/lib/libz.so
    echo ${zlib} > $out/share/man/man3/zlib.3
    echo ${zlib} > $dev/include/zlib.h
    echo ${zlib} > $dev/lib/pkgconfig/zlib.pc
    echo ${zlib} > $static/lib/libz.a
  '';
  ffmpeg = tool "ffmpeg-6.0";
  nodejs = tool "nodejs-18.16";
  electron = tool "electron-25.2";
}
