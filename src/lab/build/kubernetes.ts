/**
 * Kubernetes 1.20.2 from Debian 12's source package, which is the whole upstream tree with everything it imports.
 * Debian's own binary package has only kubectl.
 */
import { type Command, script, sh } from '../../hosts/shell.ts';
import { aptOptions } from './apt.ts';
import type { Recipe, Stage, Workshop } from './recipe.ts';

const VERSION = '1.20.2';
/** Upstream's commit of v1.20.2, as hack/lib/version.sh of the source package has it. */
const COMMIT = 'faecb196815e248d3ecfb03c680a4507229c2a56';
/** Where go expects the tree, below GOPATH. */
const TREE = 'gopath/src/k8s.io/kubernetes';

const PROGRAMS = [
  { name: 'kube-apiserver', askVersion: ['--version'] },
  { name: 'kube-controller-manager', askVersion: ['--version'] },
  { name: 'kube-scheduler', askVersion: ['--version'] },
  { name: 'kubelet', askVersion: ['--version'] },
  { name: 'kubemark', askVersion: ['--version'] },
  { name: 'kube-proxy', askVersion: ['--version'] },
  { name: 'kubeadm', askVersion: ['version', '-o', 'short'] },
  { name: 'kubectl', askVersion: ['version', '--client', '--short'] },
] as const;

/** The recipe of `holdfast lab build kubernetes`. */
export const kubernetes: Recipe = {
  name: 'kubernetes',
  version: VERSION,
  programs: PROGRAMS,
  tools: {
    'apt-get': 'apt',
    bash: 'bash',
    'dpkg-source': 'dpkg-dev',
    flock: 'util-linux',
    jq: 'jq',
    make: 'make',
    rsync: 'rsync',
  },
  go: { oldest: [1, 15], debianPackage: 'golang-1.19-go' },
  fetchesSources: true,
  neededBytes: 5 * 1024 ** 3,
  stages: [download(), unpack(), generate(), ...PROGRAMS.map(({ name }) => compile(name))],
};

function download(): Stage {
  return {
    name: 'download',
    script: (workshop) => sh`rm -rf download.new
mkdir -p apt/lists apt/cache download.new
apt-get -q ${aptOptions(workshop)} -o APT::Update::Error-Mode=any update
cd download.new
apt-get -q ${aptOptions(workshop)} source --download-only kubernetes
ls kubernetes_*.dsc | grep -F -e ${`${VERSION}-`} || { echo ${`Debian's kubernetes here is not ${VERSION}: it is in Debian 12 (bookworm).`}; exit 1; }
cd ..
rm -rf download
mv download.new download`,
    failure: {
      code: 'lab-build/no-download',
      hint: `Check the network and the mirror (\`apt-get update\`); the source package of ${VERSION} is in Debian 12. Behind a proxy, set Acquire::http::Proxy in /etc/apt/apt.conf.d.`,
    },
  };
}

/** dpkg-source checks the files against the digests in the .dsc, whose own digest apt has checked. */
function unpack(): Stage {
  return {
    name: 'unpack',
    script: () =>
      script(`rm -rf ${TREE} tree.new
mkdir -p $(dirname ${TREE})
dpkg-source --no-check -x download/*.dsc tree.new
mv tree.new ${TREE}`),
    failure: buildFailure(),
  };
}

/** Upstream's generators write into the tree: one that was cut may have left half a file that looks new. */
function generate(): Stage {
  return {
    name: 'generate',
    spoilsPrevious: true,
    script: (workshop) => sh`mkdir -p tmp
cd ${TREE}
${goEnv(workshop)} make generated_files`,
    failure: buildFailure(),
  };
}

/** The second half of upstream's `make all`; what is compiled stays in go's cache, which no kill can spoil. */
function compile(program: string): Stage {
  return {
    name: program,
    script: (workshop) => sh`cd ${TREE}
${goEnv(workshop)} hack/make-rules/build.sh ${`cmd/${program}`}
mkdir -p ${workshop.folder}/bin
cp ${`_output/local/go/bin/${program}`} ${workshop.folder}/${`bin/.${program}`}
mv ${workshop.folder}/${`bin/.${program}`} ${workshop.folder}/${`bin/${program}`}`,
    failure: buildFailure(),
  };
}

/**
 * KUBE_GIT_*: there is no git tree to ask; without them the programs would call themselves v0.0.0-master. TMPDIR: what a
 * killed compiler leaves goes with the workshop, and a small /tmp does no harm.
 */
function goEnv({ folder, goRoot }: Workshop): Command {
  const [major, minor] = VERSION.split('.');
  const settings = [
    `GOPATH=${folder}/gopath`,
    `TMPDIR=${folder}/tmp`,
    'GO111MODULE=off',
    'CGO_ENABLED=0',
    'KUBE_GIT_TREE_STATE=archive',
    `KUBE_GIT_VERSION=v${VERSION}`,
    `KUBE_GIT_MAJOR=${major}`,
    `KUBE_GIT_MINOR=${minor}`,
    `KUBE_GIT_COMMIT=${COMMIT}`,
  ];
  return sh`env PATH=${goRoot}/bin:"$PATH" HOME=${folder} ${settings}`;
}

function buildFailure(): Stage['failure'] {
  return {
    code: 'lab-build/failed',
    hint: 'Read the log. Where memory ran out (`Killed`), stop other programs; where it stays unclear, begin anew with --force.',
  };
}
