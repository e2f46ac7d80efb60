// Reads [[tex, display], ...] as JSON from standard input; prints, for each formula, what
// MathJax has against it, or null. Errors are turned on: MathJax would typeset them in red.
const formulas = JSON.parse(require('fs').readFileSync(0, 'utf8'));

require('mathjax')
  .init({
    loader: { load: ['input/tex-full'] },
    tex: {
      packages: { '[-]': ['noerrors', 'noundefined', 'bussproofs'] }, // bussproofs needs a page
      formatError: (jax, error) => { throw error; }
    }
  })
  .then(async MathJax => {
    const errors = [];
    for (const [tex, display] of formulas) {
      MathJax.texReset();
      try {
        await MathJax.tex2mmlPromise(tex, { display });
        errors.push(null);
      } catch (error) {
        errors.push(error.message);
      }
    }
    console.log(JSON.stringify(errors));
  });
