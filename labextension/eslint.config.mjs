import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/lib/**', '**/node_modules/**', '**/src/static/**'] },
  js.configs.recommended,
  {
    files: ['**/widgets/static/*.js'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: globals.browser },
    rules: {
      // hidden characters are what text.js looks for
      'no-control-regex': 'off',
      'no-misleading-character-class': 'off',
      eqeqeq: 'error',
      'prefer-const': 'error'
    }
  },
  { files: ['**/src/**/*.ts'], extends: [...tseslint.configs.strict] }
);
