// Unpacks the packaged Chromium and prints the path of its executable. A process of its own, since the package unpacks
// into the temporary directory (TMPDIR) of the process that it runs in.
import chromium from '@sparticuz/chromium';

process.stdout.write(await chromium.executablePath());
