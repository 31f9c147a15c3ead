# shellcheck shell=bash
# './pipeline package': builds out/ssd-pipeline_VERSION_amd64.deb. Sourced by ../pipeline.
#
# The package carries the .NET runtime, since Debian has none of this version, and stands on Debian's OpenCV and ffmpeg.

# read_package_options [--version VERSION]
read_package_options() {
  package_version=$(sed -n 's,.*<Version>\(.*\)</Version>.*,\1,p' "$root/Directory.Build.props")
  (($# == 0)) && return
  [[ $# == 2 && $1 == --version && $2 =~ ^[0-9][0-9A-Za-z.+~]*$ ]] ||
    { echo "package takes --version VERSION alone, as 1.2.3; it was given: $*" >&2; exit 2; }
  package_version=$2
}

# Without a caller that looks at the result: then any command that fails ends it (set -e).
build_package() {
  local work=$state/package tree=$state/package/tree
  rm -rf "$tree" "$work/publish"
  mkdir -p "$work" "$root/out"
  publish "$work"
  fill_tree "$work/publish" "$tree"
  add_control "$tree"
  local package=$root/out/ssd-pipeline_${package_version}_amd64.deb
  say "Packing $package"
  dpkg-deb --root-owner-group -Zxz --build "$tree" "$package" >"$work/dpkg.log" 2>&1 ||
    { fail "Packing" "$(tail -n 1 "$work/dpkg.log")"; return; }
  echo "$package"
}

# publish FOLDER: the program with its runtime, compiled ahead of time, in FOLDER/publish. All that is built for it stays in
# FOLDER, away from the checkout's own builds.
publish() {
  say "Building the program with the .NET runtime"
  if ! dotnet publish "$root/Host/Host.csproj" -c Release -r linux-x64 --self-contained -p:PublishReadyToRun=true \
    -p:Version="$package_version" -p:DebugType=none -p:PublishDocumentationFiles=false \
    --artifacts-path "$1/artifacts" -o "$1/publish" -nodeReuse:false -tl:off -v:q >"$1/publish.log" 2>&1; then
    sed -e "s,$root/,,g" "$1/publish.log" | grep -E 'error' | sort -u >&2
    fail "Building the program" "see above (all of it: $1/publish.log)."
  fi
}

# fill_tree PROGRAM TREE: every file in its place.
fill_tree() {
  local program_folder=$1 tree=$2 library=$2/usr/lib/ssd-pipeline share=$2/usr/share
  mkdir -p "$library" "$tree"/{usr/bin,etc/ssd-pipeline,var/lib/ssd-pipeline/models,lib/systemd/system,usr/lib/sysusers.d} \
    "$share"/{ssd-pipeline,doc/ssd-pipeline,lintian/overrides,bash-completion/completions,zsh/vendor-completions,man/man1} \
    "$share/fish/vendor_completions.d"
  cp -r "$program_folder/." "$library"
  # Tools for debugging the runtime itself, which nobody needs who runs a service.
  rm -f "$library"/{createdump,libmscordaccore.so,libmscordbi.so,libcoreclrtraceptprovider.so} "$library"/*.{pdb,xml}
  find "$library" -type f -exec chmod 0644 {} +
  chmod 0755 "$library/ssd-pipeline"
  strip --strip-unneeded "$library"/libonnxruntime.so "$library"/libcvshim.so

  ln -s ../lib/ssd-pipeline/ssd-pipeline "$tree/usr/bin/ssd-pipeline"
  ln -s /var/lib/ssd-pipeline/models "$library/models"
  ln -s /etc/ssd-pipeline/appsettings.json "$library/appsettings.json"
  ln -s /usr/share/ssd-pipeline/appsettings.schema.json "$tree/etc/ssd-pipeline/appsettings.schema.json"
  install -m 0644 "$root/appsettings.json" "$tree/etc/ssd-pipeline"
  install -m 0600 "$root/deploy/environment" "$tree/etc/ssd-pipeline"
  install -m 0644 "$root/appsettings.schema.json" "$share/ssd-pipeline"
  install -m 0644 "$default_model".{onnx,json} "$tree/var/lib/ssd-pipeline/models"
  sed 's,/opt/ssd-pipeline/,/usr/lib/ssd-pipeline/,' "$root/deploy/ssd-pipeline.service" >"$tree/lib/systemd/system/ssd-pipeline.service"
  install -m 0644 "$root/deploy/ssd-pipeline.sysusers" "$tree/usr/lib/sysusers.d/ssd-pipeline.conf"

  "$program" completion bash >"$share/bash-completion/completions/ssd-pipeline"
  "$program" completion zsh >"$share/zsh/vendor-completions/_ssd-pipeline"
  "$program" completion fish >"$share/fish/vendor_completions.d/ssd-pipeline.fish"
  gzip -9nc "$root/deploy/debian/ssd-pipeline.1" >"$share/man/man1/ssd-pipeline.1.gz"
  install -m 0644 "$root/deploy/debian/copyright" "$share/doc/ssd-pipeline"
  install -m 0644 "$root/deploy/debian/lintian-overrides" "$share/lintian/overrides/ssd-pipeline"
  printf 'ssd-pipeline (%s) stable; urgency=low\n\n  * Built from the sources.\n\n -- %s  %s\n' \
    "$package_version" "$(sed -n 's/^Maintainer: //p' "$root/deploy/debian/control")" "$(date -R)" |
    gzip -9n >"$share/doc/ssd-pipeline/changelog.gz"
  # The program has its own docs at hand.
  cp -r "$root/docs" "$share/doc/ssd-pipeline/docs"
  rm -r "$share/doc/ssd-pipeline/docs/images"
  find "$tree" -type d -exec chmod 0755 {} +
  find "$share" -type f -exec chmod 0644 {} +
}

# add_control TREE: what dpkg reads.
add_control() {
  local tree=$1 libraries
  libraries=$(opencv_packages "$tree/usr/lib/ssd-pipeline/libcvshim.so")
  mkdir -p "$tree/DEBIAN"
  sed -e "s/@VERSION@/$package_version/" -e "s/@LIBRARIES@/$libraries/" \
    -e "s/@SIZE@/$(du -sk --apparent-size "$tree" | cut -f1)/" "$root/deploy/debian/control" >"$tree/DEBIAN/control"
  printf '/etc/ssd-pipeline/%s\n' appsettings.json environment >"$tree/DEBIAN/conffiles"
  install -m 0755 "$root"/deploy/debian/{postinst,prerm,postrm} "$tree/DEBIAN"
  (cd "$tree" && find usr lib var -type f -exec md5sum {} +) >"$tree/DEBIAN/md5sums"
}

# opencv_packages LIBRARY: the Debian packages of the OpenCV libraries that it is linked with, as a list for Depends.
opencv_packages() {
  local name path packages=''
  while read -r name; do
    path=$(ldconfig -p | sed -n "s,.*$name .* => ,,p" | head -n 1)
    path=$(dpkg-query -S "$(realpath "$path")") || { fail "Packing" "no Debian package has $name."; return; }
    packages+=${packages:+, }${path%%:*}
  done < <(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(libopencv_[^]]*\)\]/\1/p')
  echo "$packages"
}
