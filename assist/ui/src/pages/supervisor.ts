import '../supervisor/console-app.js';
