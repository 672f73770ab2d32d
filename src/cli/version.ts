/** Shown by `holdfast --version`, in SARIF and in logs; a test holds it against package.json. */
export const VERSION = '0.1.0';
